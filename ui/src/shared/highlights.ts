/** Words that something is said about; offsets count characters (code points) of the text. */
export interface Highlight {
  id: string;
  start: number;
  end: number;
}

export interface Cut {
  text: string;
  /** What begins or goes on here; the last one that began is on top. */
  id: string | undefined;
  /** Where it begins in the whole text, in characters. */
  at: number;
}

/** A stretch of a text, beginning at character `from`, cut wherever a highlight begins or ends. */
export function cutAt(text: string, from: number, highlights: readonly Highlight[]): Cut[] {
  const chars = [...text];
  const to = from + chars.length;
  const inside = highlights.filter(({ start, end }) => start < to && end > from);
  if (inside.length === 0) return [{ text, id: undefined, at: from }];
  const edges = new Set([from, to]);
  for (const { start, end } of inside) {
    edges.add(Math.max(from, start));
    edges.add(Math.min(to, end));
  }
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, at) => {
    const end = sorted[at + 1] ?? to;
    const over = inside.filter((one) => one.start <= start && one.end >= end);
    return {
      text: chars.slice(start - from, end - from).join(""),
      id: over.sort((a, b) => a.start - b.start).at(-1)?.id,
      at: start,
    };
  });
}
