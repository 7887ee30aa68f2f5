import type { TFunction } from "i18next";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContentRow } from "@/bindings";
import { useCore } from "@/data";
import { say } from "@/shared";
import { sayProblem } from "@/shell";
import { type BulkAct, cancellable, type Outcome, withEach } from "./bulk-acts";

export interface Report {
  act: BulkAct;
  outcomes: readonly Outcome[];
  /** How many were left when somebody stopped it. */
  left: number;
}

export interface Bulk {
  /** Under way: how many of how many are done. */
  running: { done: number; of: number } | undefined;
  start: (act: BulkAct, rows: readonly ContentRow[]) => void;
  stop: () => void;
  /** What did not go as asked, until it was read. */
  report: Report | undefined;
  closeReport: () => void;
  undo: (act: BulkAct, outcomes: readonly Outcome[]) => void;
}

/** Runs an act over many contents, and says what came of it. */
export function useBulk(onDone: () => void): Bulk {
  const { t } = useTranslation();
  const core = useCore();
  const [running, setRunning] = useState<Bulk["running"]>();
  const [report, setReport] = useState<Report>();
  const stopped = useRef(false);

  const undo = async (act: BulkAct, outcomes: readonly Outcome[]) => {
    let back = 0;
    for (const one of outcomes) {
      if (!one.done || !one.undo) continue;
      try {
        await one.undo();
        back += 1;
      } catch (error) {
        sayProblem(error);
      }
    }
    if (back === 0) return;
    // What was cancelled with the archiving stays cancelled.
    const words = act.type === "archive" ? "queue.taken_back" : "queue.undone";
    say({ text: t(words, { count: back }), glyph: "arrow-back" });
  };
  const start = async (act: BulkAct, rows: readonly ContentRow[]) => {
    if (running || rows.length === 0) return;
    stopped.current = false;
    setRunning({ done: 0, of: rows.length });
    const outcomes = await withEach(
      core,
      act,
      rows,
      (done) => setRunning({ done, of: rows.length }),
      () => stopped.current,
    );
    setRunning(undefined);
    onDone();
    const done = outcomes.filter((one) => one.done);
    const smooth =
      done.length === rows.length && done.every((one) => !one.voided && !one.askedBack);
    if (!smooth) return setReport({ act, outcomes, left: rows.length - outcomes.length });
    say({
      text: doneWords(act, rows, t),
      glyph: "ring-check",
      ...(done.some((one) => one.undo)
        ? {
            action: {
              label: t("action.undo"),
              keys: "Mod+Z",
              onAct: () => void undo(act, outcomes),
            },
          }
        : {}),
    });
  };
  return {
    running,
    start: (act, rows) => void start(act, rows),
    stop: () => {
      stopped.current = true;
    },
    report,
    closeReport: () => setReport(undefined),
    undo: (act, outcomes) => void undo(act, outcomes),
  };
}

/** What went through; archiving says what it cancelled. */
function doneWords(act: BulkAct, rows: readonly ContentRow[], t: TFunction): string {
  const count = rows.length;
  const sendings = act.type === "archive" ? rows.flatMap(cancellable).length : 0;
  return sendings > 0
    ? t("queue.archived_cancelled", { count, sendings })
    : t(`queue.done.${act.type}`, { count });
}
