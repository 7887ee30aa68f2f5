import type { StepView } from "@/bindings";

export interface Bar {
  /** Where it begins and how long it is, as shares of the whole. */
  from: number;
  width: number;
}

/** How long a step took, or has taken until now. */
export function durationOf(step: StepView, now: number): number {
  const end = step.ended_at ? Date.parse(step.ended_at) : now;
  return Math.max(0, end - Date.parse(step.started_at));
}

/**
 * Where each step stands in the time of the run. Real time would hide what is short beside a night
 * of waiting, so the bars show the logarithm of the time passed.
 */
export function barsOf(steps: readonly StepView[], now: number): Bar[] {
  const start = Math.min(...steps.map((step) => Date.parse(step.started_at)));
  const end = Math.max(
    ...steps.map((step) => (step.ended_at ? Date.parse(step.ended_at) : now)),
    start + 1,
  );
  const place = (at: number) => Math.log1p(Math.max(0, at - start)) / Math.log1p(end - start);
  return steps.map((step) => {
    const from = place(Date.parse(step.started_at));
    const to = place(step.ended_at ? Date.parse(step.ended_at) : now);
    const width = Math.max(0.02, to - from);
    return { from: Math.min(from, 1 - width), width };
  });
}

export interface Took {
  unit: "ms" | "s" | "min" | "h" | "d";
  /** As it is read. */
  count: string;
}

/** A duration in the unit that says it. */
export function tookOf(ms: number): Took {
  if (ms < 1_000) return { unit: "ms", count: String(Math.round(ms)) };
  if (ms < 60_000) return { unit: "s", count: String(Math.round(ms / 100) / 10) };
  if (ms < 3_600_000) return { unit: "min", count: String(Math.round(ms / 60_000)) };
  if (ms < 48 * 3_600_000) return { unit: "h", count: String(Math.round(ms / 360_000) / 10) };
  return { unit: "d", count: String(Math.round(ms / 86_400_000)) };
}
