/** A text folded for comparing: no case, no accents. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Where the words of a search stand in a text, as ranges; nothing when one is missing. */
export function hits(text: string, search: string): [number, number][] | undefined {
  const terms = folded(search).split(/\s+/).filter(Boolean);
  if (terms.length === 0) return [];
  const plain = folded(text);
  // Folding may change the length of a text (ß, accents apart); then nothing is marked.
  const exact = plain.length === text.length;
  const ranges: [number, number][] = [];
  for (const term of terms) {
    const at = plain.indexOf(term);
    if (at < 0) return undefined;
    if (exact) ranges.push([at, at + term.length]);
  }
  return ranges.sort((a, b) => a[0] - b[0]);
}

/** A text cut at its hits. */
export function cut(text: string, search: string): { text: string; hit: boolean }[] {
  const parts: { text: string; hit: boolean }[] = [];
  let end = 0;
  for (const [from, to] of hits(text, search) ?? []) {
    if (from < end) continue;
    if (from > end) parts.push({ text: text.slice(end, from), hit: false });
    parts.push({ text: text.slice(from, to), hit: true });
    end = to;
  }
  if (end < text.length) parts.push({ text: text.slice(end), hit: false });
  return parts;
}
