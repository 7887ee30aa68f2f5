import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SettingsView } from "@/bindings";
import { useAct, useAnswer, useChange } from "@/data";
import {
  AskDialog,
  Button,
  clock,
  Glyph,
  machineZone,
  SkeletonRows,
  say,
  shortDay,
} from "@/shared";
import { ProblemState, sayProblem } from "@/shell";
import { Block, Line } from "./line";

const MEGABYTE = 1_000_000;

/** Where the data lies, and its backups. */
export function Storage({ view }: { view: SettingsView }) {
  const { t } = useTranslation();
  const zone = machineZone();
  const runtime = useAnswer({ type: "overview" }).data?.runtime;
  const backups = useAnswer({ type: "backups" });
  const backup = useAct<"backup">();
  const change = useChange();
  const [asking, setAsking] = useState(false);

  const make = () =>
    backup.mutate(
      { act: { type: "backup" } },
      {
        onSuccess: (made) => {
          say({ text: t("backup.made", { path: made.path }), tone: "ok", glyph: "stop" });
          void backups.refetch();
        },
        onError: (error) => sayProblem(error, make),
      },
    );

  return (
    <>
      <Block title={t("settings.part.storage")}>
        <Line
          title={t("settings.data_folder")}
          hint={<span data-selectable>{view.data_folder}</span>}
        />
        {runtime?.held ? (
          <Line title={t("need.folder_held.what")} hint={t("need.folder_held.detail")}>
            <Button size="row" onClick={() => setAsking(true)}>
              {t("folder.send_here")}
            </Button>
          </Line>
        ) : null}
      </Block>
      <Block
        title={t("backup.title")}
        fact={backups.data?.length}
        aside={
          <Button size="row" busy={backup.isPending} onClick={make}>
            {backup.isPending ? t("backup.making") : t("backup.make")}
          </Button>
        }
      >
        {backups.error && !backups.data ? (
          <ProblemState
            className="mt-3"
            error={backups.error}
            onAgain={() => void backups.refetch()}
          />
        ) : backups.data ? (
          backups.data.length > 0 ? (
            backups.data.map((one) => (
              <div key={one.path} className="flex h-8 items-center gap-3 border-b border-line">
                <Glyph name="stop" className="text-ok-dot" />
                <span className="tnum shrink-0">
                  {t("common.day_time", { day: shortDay(one.at, zone), time: clock(one.at, zone) })}
                </span>
                <span className="ellipsis flex-1 text-meta text-text-3" data-selectable>
                  {one.path}
                </span>
                <span className="shrink-0 text-meta text-text-3">
                  {t(`backup.reason.${one.reason as "daily" | "before_migration" | "by_hand"}`)}
                </span>
                <span className="tnum w-16 shrink-0 text-right text-meta">
                  {t("backup.size", { size: Math.max(1, Math.round(one.bytes / MEGABYTE)) })}
                </span>
              </div>
            ))
          ) : (
            <p className="py-3 text-text-2">{t("backup.none")}</p>
          )
        ) : (
          <SkeletonRows rows={3} height={32} label={t("common.reading")} />
        )}
        <p className="pt-3 text-meta text-text-3" data-selectable>
          {t("backup.restore_hint")}
        </p>
      </Block>
      <AskDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("folder.ask_title")}
        body={t("folder.ask_body")}
        safe={t("folder.keep_held")}
        onSafe={() => {}}
        other={t("folder.send_here")}
        onOther={() =>
          change.mutate(
            { mutation: { type: "release_folder" } },
            {
              onSuccess: () => say({ text: t("folder.released"), tone: "ok", glyph: "stop" }),
              onError: (error) => sayProblem(error),
            },
          )
        }
      />
    </>
  );
}
