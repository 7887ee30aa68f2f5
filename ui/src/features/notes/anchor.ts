import type { NoteThread, TextRange, VersionDoc } from "@/bindings";
import type { Highlight } from "@/shared/highlights";

/** Words in one of the parts of a text; offsets count characters, as the core's ranges do. */
export interface Place {
  part: number;
  start: number;
  end: number;
}

/** Between parts where they are shown as one text. */
const JOINT = "\n\n";

const length = (text: string) => [...text].length;

/** The key of the variant that an account gets; empty for the shared one. */
export function variantOf(doc: VersionDoc, identity: string, network: string): string {
  const { variants } = doc.body;
  return [`identity:${identity}`, `network:${network}`].find((key) => key in variants) ?? "";
}

/**
 * Where the words of a thread stand in a variant of version `n`. On the version on which the note
 * was written that is known; on another one the words must stand there exactly once.
 */
export function placed(
  { anchor, quote, note }: Pick<NoteThread, "anchor" | "quote" | "note">,
  variant: string,
  parts: readonly string[],
  n: number,
): Place | undefined {
  if (anchor.type !== "text" || (anchor.range.variant ?? "") !== variant) return undefined;
  if (note.n === n) {
    const { segment, start, end } = anchor.range;
    return end <= length(parts[segment] ?? "") ? { part: segment, start, end } : undefined;
  }
  if (quote === "") return undefined;
  const found = parts.flatMap((text, part) => {
    const at = text.indexOf(quote);
    if (at < 0) return [];
    const once = text.indexOf(quote, at + 1) < 0;
    const start = length(text.slice(0, at));
    return [{ place: { part, start, end: start + length(quote) }, once }];
  });
  return found.length === 1 && found[0]?.once ? found[0].place : undefined;
}

/** What is highlighted in each part, and in the parts shown as one text. */
export function highlightsOf(
  threads: readonly NoteThread[],
  variant: string,
  parts: readonly string[],
  n: number,
): { parts: Highlight[][]; joined: Highlight[] } {
  const found = threads.flatMap((thread) => {
    const place = thread.resolved_at ? undefined : placed(thread, variant, parts, n);
    return place ? [{ id: thread.note.id, ...place }] : [];
  });
  const before = parts.map((_, at) =>
    parts.slice(0, at).reduce((sum, text) => sum + length(text) + length(JOINT), 0),
  );
  return {
    parts: parts.map((_, at) => found.filter(({ part }) => part === at)),
    joined: found.map(({ id, part, start, end }) => ({
      id,
      start: start + (before[part] ?? 0),
      end: end + (before[part] ?? 0),
    })),
  };
}

/** The part in which a stretch of the joined text begins; what lies beyond its end is left out. */
export function unjoined(parts: readonly string[], start: number, end: number): Place | undefined {
  let before = 0;
  for (const [part, text] of parts.entries()) {
    const size = length(text);
    if (start < before + size) {
      const place = {
        part,
        start: Math.max(0, start - before),
        end: Math.min(size, end - before),
      };
      return place.end > place.start ? place : undefined;
    }
    before += size + length(JOINT);
  }
  return undefined;
}

/** Words that a person selected to write about. */
export interface Selected {
  range: TextRange;
  quote: string;
}

/**
 * What is selected inside `root`, where it is a text that notes can stand on: elements with
 * `data-note-variant` and, for one part of several, `data-note-part`.
 */
export function selectedIn(
  root: HTMLElement | null,
  partsOf: (variant: string) => readonly string[],
): Selected | undefined {
  const selection = window.getSelection();
  if (!root || !selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  const within = range.commonAncestorContainer;
  const element = within instanceof Element ? within : within.parentElement;
  const holder = element?.closest<HTMLElement>("[data-note-variant]");
  if (!holder || !root.contains(holder)) return undefined;
  const upTo = (node: Node, offset: number) => {
    const whole = document.createRange();
    whole.setStart(holder, 0);
    whole.setEnd(node, offset);
    const copy = whole.cloneContents();
    // What was struck is in no version any more.
    for (const gone of copy.querySelectorAll("del")) gone.remove();
    return length(copy.textContent ?? "");
  };
  const variant = holder.dataset.noteVariant ?? "";
  const parts = partsOf(variant);
  const start = upTo(range.startContainer, range.startOffset);
  const end = upTo(range.endContainer, range.endOffset);
  const part = holder.dataset.notePart;
  const place =
    part === undefined ? unjoined(parts, start, end) : { part: Number(part), start, end };
  return place ? trimmed(variant, parts[place.part] ?? "", place) : undefined;
}

/** Without the space around the words. */
function trimmed(variant: string, text: string, place: Place): Selected | undefined {
  const words = [...text].slice(place.start, place.end).join("");
  const quote = words.trim();
  if (quote === "") return undefined;
  const start = place.start + length(words) - length(words.trimStart());
  return {
    range: {
      ...(variant ? { variant } : {}),
      segment: place.part,
      start,
      end: start + length(quote),
    },
    quote,
  };
}
