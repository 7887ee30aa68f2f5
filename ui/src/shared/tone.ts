/** The eight tones a status can have; each has words, ground and glyph colours as tokens. */
export type Tone = "neutral" | "review" | "info" | "run" | "ok" | "warn" | "bad" | "ask";

/** Words on the tone's own ground. */
export const toneChip: Record<Tone, string> = {
  neutral: "bg-neutral-bg text-neutral-fg",
  review: "bg-review-bg text-review-fg",
  info: "bg-info-bg text-info-fg",
  run: "bg-run-bg text-run-fg",
  ok: "bg-ok-bg text-ok-fg",
  warn: "bg-warn-bg text-warn-fg",
  bad: "bg-bad-bg text-bad-fg",
  ask: "bg-ask-bg text-ask-fg",
};

/** Words in the tone on the surface. */
export const toneText: Record<Tone, string> = {
  neutral: "text-neutral-fg",
  review: "text-review-fg",
  info: "text-info-fg",
  run: "text-run-fg",
  ok: "text-ok-fg",
  warn: "text-warn-fg",
  bad: "text-bad-fg",
  ask: "text-ask-fg",
};

/** A glyph in the tone on the surface. */
export const toneDot: Record<Tone, string> = {
  neutral: "text-neutral-dot",
  review: "text-review-dot",
  info: "text-info-dot",
  run: "text-run-dot",
  ok: "text-ok-dot",
  warn: "text-warn-dot",
  bad: "text-bad-dot",
  ask: "text-ask-dot",
};
