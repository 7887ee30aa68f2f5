import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer, useCore } from "@/data";
import { JoinSheet } from "@/features/organizations";
import { Button, FieldError, Mark } from "@/shared";
import { sayGoing, useActions, useGo, useNarrow } from "@/shell";
import { type Draft, newDraft, siteFolder } from "./model";
import { SitePreview } from "./preview";
import { HowItSounds, type StepState, WhatItSays, WhoSpeaks } from "./steps";
import { useBegin } from "./use-begin";

/** A persona, a voice and the first post on a site of one's own, in three steps. */
export function FirstRun() {
  const { t } = useTranslation();
  const go = useGo();
  const single = useNarrow("single");
  const { desk } = useCore();
  const [joining, setJoining] = useState(false);
  const networks = useAnswer({ type: "networks" });
  const overview = useAnswer({ type: "overview" }).data;
  const site = networks.data?.find((network) => network.id === "site");
  const [draft, setDraft] = useState(newDraft);
  const [who, setWho] = useState<StepState>("open");
  const [sounds, setSounds] = useState<StepState>("later");
  const [missing, setMissing] = useState<"name" | "text" | undefined>();
  const text = useRef<HTMLTextAreaElement>(null);
  const begin = useBegin(site);
  const busy = begin.at !== undefined;

  const set = (change: Partial<Draft>) => {
    if ("picture" in change) begin.forgetPicture();
    setMissing(undefined);
    setDraft((old) => ({ ...old, ...change }));
  };
  const publish = async () => {
    if (busy) return;
    if (!draft.name.trim()) {
      setWho("open");
      return setMissing("name");
    }
    if (!draft.text.trim() && !draft.picture) {
      setSounds("done");
      setMissing("text");
      return text.current?.focus();
    }
    if (await begin.publish(draft)) {
      sayGoing(begin.delivery, t("first.sent"));
      go({ type: "today" }, { replace: true });
    }
  };
  const skip = async () => {
    if (!busy && (await begin.skip(draft))) go({ type: "today" }, { replace: true });
  };
  useActions({ "first.publish": () => void publish() });

  // Somebody who comes back to this address later has nothing to do here.
  const over = overview !== undefined && !overview.first_run && !busy;
  const began = useRef(false);
  began.current ||= busy;
  useEffect(() => {
    if (over && !began.current) go({ type: "today" }, { replace: true });
  }, [over, go]);

  const path = siteFolder(site, draft);
  return (
    <div className="flex min-h-0 flex-1">
      <div
        className={`flex min-h-0 flex-col overflow-y-auto px-[min(88px,6vw)] ${single ? "flex-1" : "w-[43%] min-w-[440px]"}`}
      >
        <div className="mx-auto flex min-h-full w-full max-w-[480px] flex-col pt-[min(66px,6vh)] pb-8">
          <p className="flex items-center gap-2.5 text-title">
            <Mark size={24} /> Rostrum
          </p>
          <h1 className="mt-5 font-serif text-[1.75rem] leading-9 font-normal">
            {t("first.title")}
          </h1>
          <p className="mt-1.5 max-w-[420px] text-[0.875rem] leading-[1.3125rem] text-text-2">
            {t("first.lead")}
          </p>
          <ol className="mt-6 flex flex-col">
            <WhoSpeaks
              draft={draft}
              set={set}
              state={who}
              missing={missing === "name"}
              onState={setWho}
              onNext={() => {
                if (!draft.name.trim()) return setMissing("name");
                setWho("done");
                if (sounds === "later") setSounds("open");
              }}
            />
            <HowItSounds
              draft={draft}
              set={set}
              state={sounds}
              onState={setSounds}
              onNext={() => {
                setSounds("done");
                requestAnimationFrame(() => text.current?.focus());
              }}
            />
            <WhatItSays
              ref={text}
              draft={draft}
              set={set}
              state={who === "done" && sounds !== "later" ? "open" : "later"}
              missing={missing === "text"}
              path={path}
            />
          </ol>
          <div className="mt-auto pt-6">
            {begin.problem ? (
              <div className="pb-3" data-selectable>
                <FieldError>
                  <span>
                    <span className="font-strong">{t(`problem.${begin.problem.code}`)}</span>{" "}
                    {begin.problem.message}
                  </span>
                </FieldError>
              </div>
            ) : null}
            <div className="flex items-center gap-3">
              <Button
                kind="primary"
                size="big"
                keys="Mod+Enter"
                busy={busy}
                onClick={() => void publish()}
              >
                {begin.at ? t(`first.doing.${begin.at}`) : t("first.publish")}
              </Button>
              <Button kind="ghost" size="big" busy={busy} onClick={() => void skip()}>
                {t("first.skip")}
              </Button>
              {desk ? (
                <Button kind="ghost" size="big" busy={busy} onClick={() => setJoining(true)}>
                  {t("first.join")}
                </Button>
              ) : null}
            </div>
          </div>
        </div>
      </div>
      {single ? null : <SitePreview draft={draft} path={path} />}
      {desk && joining ? <JoinSheet desk={desk} onClose={() => setJoining(false)} /> : null}
    </div>
  );
}
