import { clsx } from "clsx";
import { RotateCcw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RunDetail, StepView } from "@/bindings";
import { useAnswer, useChange } from "@/data";
import { Button, Chip, Glyph, SkeletonRows, say, type Tone, toneDot } from "@/shared";
import { useNamed } from "@/shared/named";
import { StepOnLine, StepsLine } from "@/shared/steps-line";
import { dayKey, machineZone, shortDay } from "@/shared/time";
import { useNow } from "@/shared/use-now";
import { useGo, type Where } from "@/shell/go";
import { ProblemState, sayProblem } from "@/shell/problem";
import { runLook, stepLook } from "./look";
import { barsOf, durationOf, tookOf } from "./timeline";

/** `08:15:40`: seconds matter in a run. */
function exact(at: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZone: machineZone(),
  }).format(new Date(at));
}

/** Where the thing of a run can be looked at. */
function placeOf(subject: string | undefined): Where | undefined {
  const [kind = "", id = ""] = subject?.split(":") ?? [];
  if (!id) return undefined;
  if (kind === "content") return { type: "content", id };
  if (kind === "request") return { type: "request", id };
  if (kind === "identity") return { type: "account", id };
  if (kind === "persona") return { type: "personas", id };
  return undefined;
}

/** One run: its steps down a line, what each took, and the ways on. */
export function Run({ id }: { id: string }) {
  const { t } = useTranslation();
  const named = useNamed();
  const go = useGo();
  const now = useNow(15_000);
  const answer = useAnswer({ type: "run", id });
  const change = useChange();
  if (answer.error && !answer.data) {
    return (
      <div className="flex-1 p-6">
        <ProblemState error={answer.error} onAgain={() => void answer.refetch()} />
      </div>
    );
  }
  const run = answer.data;
  if (!run) {
    return (
      <div className="min-w-0 flex-1">
        <SkeletonRows rows={5} height={46} label={t("common.reading")} />
      </div>
    );
  }
  const { row } = run;
  const where = placeOf(row.subject);
  const workflow = named(`workflow.${row.workflow}`, row.workflow.replaceAll("_", " "));
  const title = row.title || workflow;
  const send = (type: "retry_run" | "cancel_run") =>
    change.mutate(
      { mutation: { type, run: row.id } },
      {
        onSuccess: ({ notices }) => {
          const asked = notices.includes("asked_back");
          const text = asked ? t("notice.asked_back") : t(`runs.said.${type}`, { title });
          say({ text, glyph: "clock", tone: "info" });
        },
        onError: (error) => sayProblem(error),
      },
    );
  const look = runLook[row.state];
  return (
    <article aria-label={title} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-6 py-3 max-sm:px-4">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="flex items-center gap-2.5 text-title">
            <span className="ellipsis" dir="auto">
              {title}
            </span>
            <Chip tone={look.tone} glyph={look.glyph}>
              {t(`runs.state.${row.state}`)}
            </Chip>
          </h2>
          <p className="tnum text-meta text-text-2">
            {t("runs.meta", {
              workflow,
              id: row.id.slice(-4),
              when: `${dayKey(row.started_at, machineZone()) === dayKey(now, machineZone()) ? "" : `${shortDay(row.started_at, machineZone())}, `}${exact(row.started_at)}`,
            })}
          </p>
        </div>
        {where ? <Button onClick={() => go(where)}>{t("common.open")}</Button> : null}
        {run.can_cancel ? (
          <Button
            kind="ghost"
            icon={<X size={14} strokeWidth={2} aria-hidden />}
            busy={change.isPending}
            onClick={() => send("cancel_run")}
          >
            {t("runs.cancel")}
          </Button>
        ) : null}
        {run.can_retry ? (
          <Button
            kind="primary"
            icon={<RotateCcw size={14} strokeWidth={2} aria-hidden />}
            busy={change.isPending}
            onClick={() => send("retry_run")}
          >
            {t("runs.retry")}
          </Button>
        ) : null}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-6 py-5 max-sm:px-4">
        {row.error ? (
          <p className="mb-4 max-w-[640px] text-bad-fg" data-selectable>
            {row.error}
          </p>
        ) : null}
        {row.state === "stranded" ? (
          <p className="mb-4 max-w-[640px] text-warn-fg">{t("runs.stranded")}</p>
        ) : null}
        {run.steps.length === 0 ? (
          <p className="text-text-2">{t("runs.no_steps")}</p>
        ) : (
          <Steps run={run} now={now} />
        )}
        {row.wake_at && row.state === "waiting" ? (
          <p className="tnum mt-4 text-meta text-text-2">
            {t("runs.wakes", {
              when: `${shortDay(row.wake_at, machineZone())}, ${exact(row.wake_at)}`,
            })}
          </p>
        ) : null}
      </div>
    </article>
  );
}

const barTone: Record<Tone, string> = {
  neutral: "bg-neutral-dot",
  review: "bg-review-dot",
  info: "bg-info-dot",
  run: "bg-run-dot",
  ok: "bg-ok-dot",
  warn: "bg-warn-dot",
  bad: "bg-bad-dot",
  ask: "bg-ask-dot",
};

function Steps({ run, now }: { run: RunDetail; now: number }) {
  const { t } = useTranslation();
  const bars = barsOf(run.steps, now);
  return (
    <StepsLine label={t("runs.steps")} className="max-w-[860px]">
      {run.steps.map((step, at) => (
        <StepOnLine
          key={`${step.name}-${step.round}-${step.started_at}`}
          now={step.state === "waiting" || step.state === "running"}
          glyph={
            <Glyph
              name={stepLook(step.state).glyph}
              size={step.state === "done" ? 12 : 14}
              className={clsx(toneDot[stepLook(step.state).tone], "relative bg-surface")}
            />
          }
        >
          <Step step={step} workflow={run.row.workflow} now={now} bar={bars[at]} />
        </StepOnLine>
      ))}
    </StepsLine>
  );
}

/** Outcomes that say no more than the step's end does. */
const EMPTY = new Set(["{}", "null"]);

function Step({
  step,
  workflow,
  now,
  bar,
}: {
  step: StepView;
  workflow: string;
  now: number;
  bar: { from: number; width: number } | undefined;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const took = tookOf(durationOf(step, now));
  const open = step.state === "waiting" || step.state === "running";
  const { tone } = stepLook(step.state);
  return (
    <div
      className={clsx(
        "grid grid-cols-[minmax(0,1fr)_120px_64px] items-start gap-3 max-sm:grid-cols-[minmax(0,1fr)_64px]",
        open && "-mx-2 rounded-control bg-inset px-2 py-1.5",
      )}
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">
            {named(`step.${workflow}.${step.name}`, step.name.replaceAll("_", " "))}
            {step.round > 0 ? <span className="tnum text-text-3"> {step.round + 1}</span> : null}
          </span>
          <span className="tnum text-meta text-text-3">{exact(step.started_at)}</span>
        </p>
        {step.tries > 1 ? (
          <p className="tnum text-meta text-text-2">{t("runs.tries", { count: step.tries })}</p>
        ) : null}
        {step.error ? (
          <p className="text-meta break-words text-bad-fg" data-selectable>
            {step.error}
          </p>
        ) : null}
        {step.outcome && !EMPTY.has(step.outcome) ? (
          <p className="line-clamp-3 font-mono text-journal break-all text-text-2" data-selectable>
            {step.outcome}
          </p>
        ) : null}
        {step.state === "waiting" ? (
          <p className="text-meta text-text-2">
            {t(step.kind === "sleep" ? "runs.sleeps" : "runs.waits")}
          </p>
        ) : null}
      </div>
      <span aria-hidden className="relative mt-[9px] h-[3px] rounded-full bg-hover max-sm:hidden">
        {bar ? (
          <span
            className={clsx("absolute -top-px h-[5px] rounded-full", barTone[tone])}
            style={{ left: `${bar.from * 100}%`, width: `${bar.width * 100}%` }}
          />
        ) : null}
      </span>
      <span className="tnum text-right text-meta text-text-2">
        {t(`runs.took.${took.unit}`, { n: took.count })}
      </span>
    </div>
  );
}
