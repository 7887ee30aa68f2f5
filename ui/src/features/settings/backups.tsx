import type { TFunction } from "i18next";
import { FolderOpen, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Backup } from "@/bindings";
import { useAct, useAnswer, useCore } from "@/data";
import type { Progress } from "@/platform";
import {
  Button,
  clock,
  dayKey,
  Glyph,
  IconButton,
  machineZone,
  SkeletonRows,
  say,
  shortDay,
} from "@/shared";
import { ProblemState, sayProblem } from "@/shell";
import { Block } from "./line";
import { RestoreSheet } from "./restore-sheet";

const MEGABYTE = 1_000_000;

/** What was backed up, and the ways to make one and to take one back. */
export function Backups({ held, onSend }: { held: boolean; onSend: () => void }) {
  const { t } = useTranslation();
  const zone = machineZone();
  const core = useCore();
  const backups = useAnswer({ type: "backups" });
  const backup = useAct<"backup">();
  const [progress, setProgress] = useState<Progress>();
  const [restoring, setRestoring] = useState<string>();

  const make = (file?: string) => {
    setProgress(undefined);
    backup.mutate(
      { act: { type: "backup", ...(file ? { file } : {}) }, watch: { onProgress: setProgress } },
      {
        onSuccess: (made) => {
          say({ text: t("backup.made", { path: made.path }), tone: "ok", glyph: "stop" });
          void backups.refetch();
        },
        onError: (error) => sayProblem(error, () => make(file)),
      },
    );
  };
  const pick = core.pick?.bind(core);
  const makeFile = async () => {
    const file = await pick?.("new_backup", `rostrum-${dayKey(Date.now(), zone)}.tar`);
    if (file) make(file);
  };
  const restoreFile = async () => {
    const file = await pick?.("backup");
    if (file) setRestoring(file);
  };

  return (
    <Block
      title={t("backup.title")}
      fact={backups.data?.length}
      aside={
        <>
          {pick ? (
            <Button size="row" kind="ghost" busy={backup.isPending} onClick={() => void makeFile()}>
              {t("backup.make_file")}
            </Button>
          ) : null}
          <Button size="row" busy={backup.isPending} onClick={() => make()}>
            {backup.isPending
              ? t("backup.making", { percent: progress?.done ?? 0 })
              : t("backup.make")}
          </Button>
        </>
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
            <BackupRow key={one.path} backup={one} onRestore={() => setRestoring(one.path)} />
          ))
        ) : (
          <p className="py-3 text-text-2">{t("backup.none")}</p>
        )
      ) : (
        <SkeletonRows rows={3} height={32} label={t("common.reading")} />
      )}
      {pick ? (
        <div className="flex items-center justify-between gap-6 pt-3">
          <p className="text-meta text-text-3">{t("backup.elsewhere")}</p>
          <Button
            size="row"
            icon={<FolderOpen size={13} strokeWidth={2} aria-hidden />}
            onClick={() => void restoreFile()}
          >
            {t("backup.restore_file")}
          </Button>
        </div>
      ) : null}
      {restoring ? (
        <RestoreSheet
          file={restoring}
          held={held}
          onSend={onSend}
          onClose={() => setRestoring(undefined)}
        />
      ) : null}
    </Block>
  );
}

function BackupRow({ backup, onRestore }: { backup: Backup; onRestore: () => void }) {
  const { t } = useTranslation();
  const zone = machineZone();
  const when = t("common.day_time", {
    day: shortDay(backup.at, zone),
    time: clock(backup.at, zone),
  });
  return (
    <div className="flex h-8 items-center gap-3 border-b border-line">
      <Glyph name="stop" className="text-ok-dot" />
      <span className="tnum shrink-0">{when}</span>
      <span className="ellipsis flex-1 text-meta text-text-3" title={backup.path} data-selectable>
        {backup.path}
      </span>
      <span className="shrink-0 text-meta text-text-3">
        {t(`backup.reason.${backup.reason as "daily" | "before_migration" | "by_hand"}`)}
      </span>
      <span className="tnum w-16 shrink-0 text-right text-meta">{sizeOf(backup.bytes, t)}</span>
      <IconButton
        size="row"
        label={t("backup.restore_of", { when })}
        icon={<RotateCcw size={13} strokeWidth={2} aria-hidden />}
        onClick={onRestore}
      />
    </div>
  );
}

/** `12 MB` */
export function sizeOf(bytes: number, t: TFunction): string {
  return t("backup.size", { size: Math.max(1, Math.round(bytes / MEGABYTE)) });
}
