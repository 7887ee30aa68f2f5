import { ShieldCheck, Square, TriangleAlert, WandSparkles, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Material, Wish, WritingTask } from "@/bindings";
import { useAnswer } from "@/data";
import { problemOf } from "@/platform";
import { Button, Dialog, Field, IconButton, Select, TextArea, WordDiff } from "@/shared";
import { useGo } from "@/shell/go";
import { Choices } from "./choices";
import { From } from "./from";
import { useComposerNow } from "./use-composer";
import { useProposal } from "./use-proposal";

const tasks: readonly WritingTask[] = [
  "draft",
  "rewrite",
  "shorten",
  "lengthen",
  "translate",
  "tone",
  "hooks",
  "thread",
  "variants",
  "replies",
  "critique",
  "week",
];
/** What begins without a text. */
const fresh: readonly WritingTask[] = ["draft", "replies", "week"];
/** What is shown as it is, not as a change of the text. */
const whole: readonly WritingTask[] = ["draft", "translate"];

/** A model proposes words for the part with the caret; a person takes them over, or not. */
export function HelpMe({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const { part, at, body, persona, content, detail, tab, takeWords, nameOf } = useComposerNow();
  const settings = useAnswer({ type: "settings" });
  const outline = useAnswer({ type: "outline", content }, { enabled: detail !== undefined });
  const [task, setTask] = useState<WritingTask>(part.text.trim() ? "rewrite" : "draft");
  const [brief, setBrief] = useState("");
  const [answered, setAnswered] = useState("");
  const [language, setLanguage] = useState(body.languages[0] ?? (persona.profile.language || "en"));
  const [looking, setLooking] = useState(false);
  const [material, setMaterial] = useState<Material>();
  const here = { persona: persona.id, tab: tab.key, at, text: part.text, task, language };
  const [place, setPlace] = useState(here);
  const suggestion = outline.data?.suggestion.id;
  const builds = task === "draft" || task === "thread" || task === "week";
  const wish: Wish = {
    task,
    text: fresh.includes(task) ? (task === "replies" ? answered : "") : part.text,
    brief: brief.trim(),
    language,
    ...(task === "draft" && suggestion ? { suggestion } : {}),
    ...(builds && material ? { material } : {}),
  };
  const asked = { persona: persona.id, content, targets: tab.identities, wish };
  const { proposal, said, running, error, ask, cancel, drop } = useProposal();
  // What was proposed for one text is not put into another; a remark needs its own words alone.
  const elsewhere =
    place.persona !== here.persona ||
    place.tab !== here.tab ||
    place.at !== here.at ||
    (place.text !== here.text && place.task !== "critique");
  const write = () => {
    setPlace(here);
    // Who asks the same once more wants another answer.
    ask(proposal || error ? { ...asked, wish: { ...wish, again: true } } : asked);
  };
  const models = settings.data?.settings.models;
  const needs =
    task === "draft" && !wish.brief && !suggestion && !material
      ? t("writing.say_what")
      : task === "tone" && !wish.brief
        ? t("writing.say_tone")
        : task === "replies" && !answered.trim()
          ? t("writing.no_answered")
          : !fresh.includes(task) && !part.text.trim() && !(builds && material)
            ? t("writing.no_text")
            : undefined;

  return (
    <section aria-label={t("writing.title")} className="flex flex-col gap-3">
      <div className="flex items-center gap-2">
        <WandSparkles size={15} strokeWidth={1.75} aria-hidden className="text-accent-text" />
        <h2 className="font-strong">{t("writing.title")}</h2>
        <IconButton
          className="ml-auto"
          size="row"
          label={t("common.close")}
          icon={<X size={14} strokeWidth={2} aria-hidden />}
          onClick={onClose}
        />
      </div>
      {models && models.length === 0 ? (
        <>
          <p className="text-text-2">{t("writing.no_model")}</p>
          <Button onClick={() => go({ type: "settings", part: "models" })}>
            {t("models.add")}
          </Button>
        </>
      ) : (
        <>
          <Select
            label={t("writing.task")}
            value={task}
            onChange={setTask}
            choices={tasks.map((one) => ({ value: one, label: t(`writing.task.${one}`) }))}
          />
          {task === "translate" ? (
            <Field
              label={t("writing.into")}
              value={language}
              spellCheck={false}
              onText={setLanguage}
            />
          ) : null}
          {task === "replies" ? (
            <TextArea
              label={t("writing.answered")}
              value={answered}
              rows={3}
              onText={setAnswered}
            />
          ) : null}
          {builds ? <From material={material} onMaterial={setMaterial} /> : null}
          <TextArea
            label={t(fresh.includes(task) ? "writing.brief" : "writing.change")}
            value={brief}
            rows={3}
            onText={setBrief}
          />
          <div className="flex flex-wrap items-center gap-2">
            {running ? (
              <Button icon={<Square size={12} strokeWidth={2} aria-hidden />} onClick={cancel}>
                {t("writing.stop")}
              </Button>
            ) : (
              <Button kind="primary" off={needs} onClick={write}>
                {t("writing.write")}
              </Button>
            )}
            <Button kind="ghost" off={needs} onClick={() => setLooking(true)}>
              {t("writing.look")}
            </Button>
          </div>
          {error ? (
            <p role="alert" className="text-bad-fg">
              {problemOf(error).message}
            </p>
          ) : null}
          {said || proposal ? (
            <div className="flex flex-col gap-2" aria-live="polite" aria-busy={running}>
              <h3 className="text-meta font-strong text-text-2">
                {t("writing.proposal")}
                {tab.network ? (
                  <span className="font-normal text-text-3"> {nameOf(tab.network)}</span>
                ) : null}
              </h3>
              <div className="rounded-card p-3 shadow-[inset_0_0_0_1px_var(--line-2)]">
                {proposal && !running && !proposal.text ? (
                  <Choices
                    key={proposal.prompt}
                    proposal={proposal}
                    task={place.task}
                    asker={place.persona}
                    language={place.language}
                    off={elsewhere ? t("writing.elsewhere") : undefined}
                    onDone={drop}
                  />
                ) : running || whole.includes(place.task) ? (
                  <p
                    dir="auto"
                    lang={place.language}
                    className="font-serif text-diff whitespace-pre-wrap"
                  >
                    {said}
                  </p>
                ) : (
                  <WordDiff before={place.text} after={said} lang={place.language} />
                )}
              </div>
            </div>
          ) : null}
          {proposal && !running ? (
            <>
              <div className="flex items-center gap-2">
                {proposal.text ? (
                  <Button
                    kind="primary"
                    off={elsewhere ? t("writing.elsewhere") : undefined}
                    onClick={() => {
                      const into = place.task === "translate" ? place.language : undefined;
                      takeWords(proposal.text, into);
                      drop();
                    }}
                  >
                    {t("writing.use")}
                  </Button>
                ) : null}
                <Button kind="ghost" onClick={drop}>
                  {t("writing.discard")}
                </Button>
              </div>
              <ul className="flex flex-col gap-1.5 text-meta text-text-2">
                {proposal.invented.length > 0 ? (
                  <Note warns>{t("writing.invented", { list: proposal.invented.join(", ") })}</Note>
                ) : null}
                {proposal.known ? <Note>{t("writing.known")}</Note> : null}
                {proposal.over ? <Note warns>{t("writing.over")}</Note> : null}
                {proposal.cut ? <Note warns>{t("writing.cut")}</Note> : null}
                {proposal.repaired && !proposal.over ? <Note>{t("writing.repaired")}</Note> : null}
                <Note>{t("writing.marked", { model: proposal.model })}</Note>
              </ul>
            </>
          ) : null}
          {looking ? <Look asked={asked} onClose={() => setLooking(false)} /> : null}
        </>
      )}
    </section>
  );
}

function Note({ warns, children }: { warns?: boolean; children: ReactNode }) {
  const Icon = warns ? TriangleAlert : ShieldCheck;
  return (
    <li className="flex items-start gap-2">
      <Icon
        size={14}
        strokeWidth={1.75}
        aria-hidden
        className={warns ? "mt-px shrink-0 text-warn-dot" : "mt-px shrink-0 text-info-dot"}
      />
      <span className="min-w-0 break-words">{children}</span>
    </li>
  );
}

/** The request word for word, before anything is sent. */
function Look({
  asked,
  onClose,
}: {
  asked: { persona: string; targets: string[]; wish: Wish };
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { persona, targets, wish } = asked;
  const request = useAnswer({ type: "writing_request", persona, targets, wish });
  return (
    <Dialog open onClose={onClose} title={t("writing.look_title")} width={620}>
      {request.data ? (
        <>
          <p className="mb-2 text-text-2">
            {t(request.data.here ? "writing.stays" : "writing.goes", {
              model: request.data.model,
              address: request.data.address,
            })}
            {request.data.fallback ? ` ${t("writing.or", { other: request.data.fallback })}` : ""}
          </p>
          <pre
            data-selectable
            className="max-h-[50vh] overflow-auto rounded-card bg-surface p-3 text-meta whitespace-pre-wrap"
          >
            {`${request.data.system}\n\n${request.data.prompt}`}
          </pre>
        </>
      ) : (
        <p className="text-text-2">{request.error ? problemOf(request.error).message : ""}</p>
      )}
    </Dialog>
  );
}
