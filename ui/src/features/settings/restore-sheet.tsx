import { Archive, ArrowRight, KeyRound, PauseCircle } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackupHoldings, Problem, Restored } from "@/bindings";
import { useAct } from "@/data";
import { type Progress, problemOf } from "@/platform";
import { Button, Chip, clock, Dialog, Glyph, machineZone, shortDay } from "@/shared";
import { ProblemState } from "@/shell";
import { sizeOf } from "./backups";

/**
 * Takes a backup back: what it holds, what that means for what is here now, how far it is, and
 * afterwards whether this computer sends.
 */
export function RestoreSheet({
  file,
  held,
  onSend,
  onClose,
}: {
  /** The backup's folder or file. */
  file: string;
  /** Sending is held until a person says that this computer sends. */
  held: boolean;
  onSend: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const look = useAct<"look_into_backup">();
  const restore = useAct<"restore">();
  const [holdings, setHoldings] = useState<BackupHoldings>();
  const [done, setDone] = useState<Restored>();
  const [problem, setProblem] = useState<Problem>();
  const [progress, setProgress] = useState<Progress>();
  const stop = useRef<AbortController>(undefined);

  const watch = () => {
    setProblem(undefined);
    setProgress(undefined);
    stop.current = new AbortController();
    return { signal: stop.current.signal, onProgress: setProgress };
  };
  const failed = (error: unknown) => {
    const found = problemOf(error);
    if (found.code !== "cancelled") setProblem(found);
  };
  const read = async () => {
    try {
      setHoldings(
        await look.mutateAsync({ act: { type: "look_into_backup", file }, watch: watch() }),
      );
    } catch (error) {
      failed(error);
    }
  };
  const run = async () => {
    try {
      setDone(await restore.mutateAsync({ act: { type: "restore", file }, watch: watch() }));
    } catch (error) {
      failed(error);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once for each backup
  useEffect(() => {
    void read();
    return () => stop.current?.abort();
  }, [file]);

  const busy = restore.isPending;
  return (
    <Dialog
      open
      onClose={onClose}
      closable={!busy}
      width={520}
      title={done ? t("restore.done_title") : t("restore.title")}
      foot={
        done ? (
          <>
            {held ? (
              <Button
                onClick={() => {
                  onClose();
                  onSend();
                }}
              >
                {t("folder.send_here")}
              </Button>
            ) : null}
            <Button kind="primary" data-autofocus onClick={onClose}>
              {t("folder.keep_held")}
            </Button>
          </>
        ) : busy ? (
          <Button onClick={() => stop.current?.abort()}>{t("common.cancel")}</Button>
        ) : (
          <>
            {holdings ? <Button onClick={() => void run()}>{t("restore.run")}</Button> : null}
            <Button kind="primary" data-autofocus onClick={onClose}>
              {t("restore.keep")}
            </Button>
          </>
        )
      }
    >
      <p className="font-mono text-journal break-all text-text-3" data-selectable>
        {file}
      </p>
      {problem ? (
        <ProblemState
          className="mt-3"
          error={problem}
          onAgain={() => void (holdings ? run() : read())}
        />
      ) : null}
      {done ? (
        <Done restored={done} />
      ) : busy || (look.isPending && !holdings) ? (
        <Bar words={busy ? t("restore.running") : t("restore.reading")} progress={progress} />
      ) : holdings ? (
        <Preview holdings={holdings} />
      ) : null}
    </Dialog>
  );
}

function Bar({ words, progress }: { words: string; progress: Progress | undefined }) {
  const share = progress?.total ? progress.done / progress.total : undefined;
  return (
    <div role="status" className="mt-3">
      <p className="flex justify-between gap-3">
        <span>{words}</span>
        <span className="tnum text-text-3">
          {share === undefined ? "" : `${Math.round(share * 100)} %`}
        </span>
      </p>
      <div className="mt-1.5 h-[3px] overflow-hidden rounded-full bg-hover">
        <div
          className={share === undefined ? "skeleton h-full w-1/3" : "h-full bg-accent"}
          style={share === undefined ? undefined : { width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}

/** What it holds, and what taking it back means. */
function Preview({ holdings }: { holdings: BackupHoldings }) {
  const { t } = useTranslation();
  const zone = machineZone();
  const { backup, posts, personas, pictures, version, of_this_folder } = holdings;
  const when = t("common.day_time", {
    day: shortDay(backup.at, zone),
    time: clock(backup.at, zone),
  });
  const icon = { size: 15, strokeWidth: 1.75, "aria-hidden": true, className: "mt-0.5 shrink-0" };
  return (
    <>
      <dl className="mt-3 grid grid-cols-[96px_minmax(0,1fr)] gap-x-3 gap-y-1.5">
        <Fact name={t("restore.made")}>
          <span className="tnum">{when}</span>
          <span className="text-text-3">
            {" · "}
            {t("restore.version", { version })}
          </span>
        </Fact>
        <Fact name={t("restore.holds")}>
          {[
            t("restore.posts", { count: posts }),
            t("restore.pictures", { count: pictures }),
            sizeOf(backup.bytes, t),
          ].join(", ")}
        </Fact>
        <Fact name={t("restore.personas")}>
          {personas.length > 0 ? personas.join(", ") : t("restore.no_personas")}
        </Fact>
      </dl>
      {of_this_folder ? null : (
        <p className="mt-3">
          <Chip tone="warn" glyph="question">
            {t("restore.other_folder")}
          </Chip>
        </p>
      )}
      <ul className="mt-4 flex flex-col gap-2 border-t border-line pt-3 text-text-2">
        <li className="flex gap-2.5">
          <Archive {...icon} />
          <span>{t("restore.means_aside", { when })}</span>
        </li>
        <li className="flex gap-2.5">
          <PauseCircle {...icon} />
          <span>{t("restore.means_held")}</span>
        </li>
        <li className="flex gap-2.5">
          <KeyRound {...icon} />
          <span>{t("restore.means_secrets")}</span>
        </li>
      </ul>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-2">{name}</dt>
      <dd dir="auto">{children}</dd>
    </>
  );
}

function Done({ restored }: { restored: Restored }) {
  const { t } = useTranslation();
  return (
    <div className="mt-3 flex flex-col gap-2">
      <p className="flex gap-2">
        <Glyph name="stop" className="mt-[3px] text-ok-dot" />
        <span>{t("restore.done")}</span>
      </p>
      {restored.aside ? (
        <p className="flex gap-2 text-text-2">
          <ArrowRight size={14} strokeWidth={1.75} aria-hidden className="mt-[3px] shrink-0" />
          <span className="min-w-0" data-selectable>
            {t("restore.aside")}{" "}
            <span className="font-mono text-journal break-all">{restored.aside}</span>
          </span>
        </p>
      ) : null}
    </div>
  );
}
