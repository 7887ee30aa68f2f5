import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Retained, RetentionView } from "@/bindings";
import { useAnswer, useChange, useMirror } from "@/data";
import { AtServer } from "@/features/organizations/at-server";
import { Block, Line } from "@/features/settings/line";
import { AskDialog, Select, SkeletonRows } from "@/shared";
import { ProblemState, sayProblem } from "@/shell";
import { ExportData } from "./export";

/** What is known of people, and for how long things are kept. */
export function Privacy() {
  const { t } = useTranslation();
  const mirror = useMirror();
  const me = useAnswer({ type: "people" }).data?.find((person) => person.me);
  return (
    <>
      <Block title={t("settings.part.privacy")}>
        <Line title={t("privacy.collected")} hint={t("privacy.nothing")} />
        {me && !mirror ? (
          <Line title={t("privacy.own")} hint={t("privacy.own_hint")}>
            <ExportData person={me.id} />
          </Line>
        ) : null}
      </Block>
      {mirror ? <AtServer words={t("desk.privacy_there")} /> : <Retention />}
    </>
  );
}

function Retention() {
  const { t } = useTranslation();
  const kept = useAnswer({ type: "retention" });
  if (kept.error) return <ProblemState error={kept.error} onAgain={() => void kept.refetch()} />;
  if (!kept.data) return <SkeletonRows rows={6} height={46} label={t("common.reading")} />;
  return (
    <Block title={t("retention.title")} fact={t("retention.fact")}>
      {kept.data.map((view) => (
        <Keeping key={view.kind} view={view} />
      ))}
    </Block>
  );
}

const FOR_EVER = "for_ever";
const OFFERED = [7, 30, 60, 90, 180, 365, 730, 1825, 3650];

function Keeping({ view }: { view: RetentionView }) {
  const { t } = useTranslation();
  const change = useChange();
  const [wanted, setWanted] = useState<number>();
  const set = (days: number | undefined) =>
    change.mutate(
      { mutation: { type: "set_retention", kind: view.kind, days } },
      { onError: (error) => sayProblem(error) },
    );
  const words = (days: number | undefined) =>
    days === undefined ? t("retention.for_ever") : t("retention.days", { count: days });
  const days = [...new Set([...OFFERED, view.days, view.usual])]
    .filter((one) => one !== undefined)
    .filter((one) => one >= view.fewest)
    .sort((a, b) => a - b);
  const choices = [...days, undefined].map((one) => ({
    value: one === undefined ? FOR_EVER : String(one),
    label: words(one),
    hint: one === view.usual ? t("retention.usual") : undefined,
  }));
  const shorter = (one: number) => view.days === undefined || one < view.days;
  const name = t(`retention.${view.kind}`);
  return (
    <Line title={name} hint={t(`retention.${view.kind}.hint`)}>
      <span className="w-36">
        <Select
          look="filter"
          label={t("retention.how_long", { what: name })}
          value={view.days === undefined ? FOR_EVER : String(view.days)}
          choices={choices}
          onChange={(value) => {
            const one = value === FOR_EVER ? undefined : Number(value);
            if (one === undefined || !shorter(one)) set(one);
            else setWanted(one);
          }}
        />
      </span>
      {wanted === undefined ? null : (
        <Ask
          kind={view.kind}
          days={wanted}
          onClose={() => setWanted(undefined)}
          onSet={() => set(wanted)}
        />
      )}
    </Line>
  );
}

/** What would go, before it does. */
function Ask({
  kind,
  days,
  onClose,
  onSet,
}: {
  kind: Retained;
  days: number;
  onClose: () => void;
  onSet: () => void;
}) {
  const { t } = useTranslation();
  const preview = useAnswer({ type: "would_go", kind, days });
  const count = preview.data?.count;
  return (
    <AskDialog
      open
      onClose={onClose}
      danger
      title={t("retention.ask_title", { what: t(`retention.${kind}`), count: days })}
      body={
        count === undefined
          ? t("common.reading")
          : count === 0
            ? t("retention.would_go_none")
            : t("retention.would_go", { count })
      }
      safe={t("retention.leave")}
      onSafe={() => {}}
      other={t("retention.set")}
      onOther={onSet}
    />
  );
}
