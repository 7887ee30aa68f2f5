import type { Issue, Mark, Span } from "@/bindings";

/** What a stretch of text looks like in the editor or a preview. */
export interface Run {
  start: number;
  end: number;
  mark?: Mark["kind"];
  /** Beyond the limit. */
  over: boolean;
  /** Something is wrong with it. */
  wavy: boolean;
}

/**
 * UTF-16 offsets for UTF-8 offsets: the core's marks count bytes, as the networks' facets do, and
 * a text field counts code units. An offset inside a character means its beginning.
 */
export function utf16Offsets(text: string, bytes: readonly number[]): number[] {
  const wanted = [...new Set(bytes)].sort((a, b) => a - b);
  const found = new Map<number, number>();
  let byte = 0;
  let unit = 0;
  let next = 0;
  for (const char of text) {
    const size = utf8Length(char.codePointAt(0) ?? 0);
    while (next < wanted.length && (wanted[next] ?? 0) < byte + size) {
      found.set(wanted[next] ?? 0, unit);
      next += 1;
    }
    if (next === wanted.length) break;
    byte += size;
    unit += char.length;
  }
  return bytes.map((at) => found.get(at) ?? text.length);
}

function utf8Length(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

/** Marks with offsets in code units. */
export function marksInUnits(
  text: string,
  marks: readonly Mark[],
): { start: number; end: number; kind: Mark["kind"] }[] {
  const offsets = utf16Offsets(
    text,
    marks.flatMap((mark) => [mark.start, mark.end]),
  );
  return marks.map((mark, at) => ({
    start: offsets[at * 2] ?? 0,
    end: offsets[at * 2 + 1] ?? 0,
    kind: mark.kind,
  }));
}

/**
 * Marks of the text as it goes out, in the text as it was typed: they differ by the space around
 * it. Where they differ by more, nothing can be marked.
 */
export function marksInTyped(
  typed: string,
  text: string,
  marks: readonly Mark[],
): { start: number; end: number; kind: Mark["kind"] }[] {
  const lead = typed.indexOf(text);
  if (lead < 0 || typed.trim() !== text.trim()) return [];
  return marksInUnits(text, marks).map((mark) => ({
    ...mark,
    start: mark.start + lead,
    end: mark.end + lead,
  }));
}

/**
 * Where a span of `before` stands in `after`: an answer is about the text as it was asked, and
 * typing goes on. What was edited itself loses its span.
 */
export function carried(span: Span, before: string, after: string): Span | undefined {
  if (before === after) return span;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < most - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const from = before.length - tail;
  const shift = after.length - before.length;
  const { start, end } = span;
  if (end <= head) return span;
  if (start >= from) return { start: start + shift, end: end + shift };
  // The edit touches it: keep what is left on both sides, and what was typed inside.
  const right = end >= from ? end + shift : head;
  return start <= head && right > start ? { start, end: right } : undefined;
}

/** Codes whose span is what is too much, not what is wrong. */
const OVER = new Set(["text_too_long", "text_too_many_bytes"]);

/** A text cut wherever its look changes. */
export function runsOf(
  text: string,
  marks: readonly { start: number; end: number; kind: Mark["kind"] }[],
  issues: readonly Pick<Issue, "code" | "span">[],
): Run[] {
  const spans = issues.flatMap(({ code, span }) =>
    span ? [{ over: OVER.has(code), ...span }] : [],
  );
  const edges = new Set([0, text.length]);
  for (const { start, end } of [...marks, ...spans]) {
    for (const at of [start, end]) if (at > 0 && at < text.length) edges.add(at);
  }
  const sorted = [...edges].sort((a, b) => a - b);
  const runs: Run[] = [];
  for (let at = 0; at + 1 < sorted.length; at += 1) {
    const start = sorted[at] ?? 0;
    const end = sorted[at + 1] ?? 0;
    const covers = (span: { start: number; end: number }) => span.start <= start && span.end >= end;
    const mark = marks.find(covers)?.kind;
    runs.push({
      start,
      end,
      ...(mark ? { mark } : {}),
      over: spans.some((span) => span.over && covers(span)),
      wavy: spans.some((span) => !span.over && covers(span)),
    });
  }
  return runs;
}
