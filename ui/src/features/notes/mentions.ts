/** Somebody who is being named: where the `@` stands, and what was typed after it. */
export interface Asked {
  from: number;
  words: string;
}

/** Whether a name is being typed at the caret: `@` at the beginning of a word, at most two words. */
export function mentionAt(text: string, caret: number): Asked | undefined {
  const found = /(?:^|[^\p{L}\p{N}])@([^@\n]{0,40})$/u.exec(text.slice(0, caret));
  const words = found?.[1];
  if (words === undefined || words.split(/\s+/).length > 2) return undefined;
  return { from: caret - words.length - 1, words };
}

/** A note's text cut at the names in it. */
export function namesIn(
  text: string,
  names: readonly string[],
): { text: string; named: boolean; at: number }[] {
  if (names.length === 0) return [{ text, named: false, at: 0 }];
  const longest = [...names].sort((a, b) => b.length - a.length);
  const escaped = longest.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  let at = 0;
  return text
    .split(new RegExp(`(@(?:${escaped.join("|")}))`, "giu"))
    .map((piece, nth) => {
      const cut = { text: piece, named: nth % 2 === 1, at };
      at += piece.length;
      return cut;
    })
    .filter((cut) => cut.text !== "");
}
