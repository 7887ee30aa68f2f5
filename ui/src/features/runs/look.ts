import type { RunState } from "@/bindings";
import type { GlyphName, Tone } from "@/shared";

export const runLook: Record<RunState, { tone: Tone; glyph: GlyphName }> = {
  running: { tone: "run", glyph: "arrow-up" },
  waiting: { tone: "review", glyph: "hourglass" },
  done: { tone: "ok", glyph: "stop" },
  failed: { tone: "bad", glyph: "octagon" },
  cancelled: { tone: "neutral", glyph: "ring-cross" },
  stranded: { tone: "warn", glyph: "question" },
};

/** A step's state is a word of the core; what is unknown looks like something that runs. */
export function stepLook(state: string): { tone: Tone; glyph: GlyphName } {
  switch (state) {
    case "done":
      return { tone: "ok", glyph: "stop" };
    case "failed":
      return { tone: "bad", glyph: "octagon" };
    case "waiting":
      return { tone: "review", glyph: "hourglass" };
    default:
      return { tone: "run", glyph: "arrow-up" };
  }
}
