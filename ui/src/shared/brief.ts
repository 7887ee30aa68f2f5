const LENGTH = 48;

/** A headline that fits into a sentence: cut between words. */
export function brief(headline: string): string {
  const text = headline.replace(/\s+/g, " ").trim();
  if (text.length <= LENGTH) return text;
  const cut = text.slice(0, LENGTH);
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > LENGTH / 2 ? space : LENGTH).replace(/[\s.,:;]+$/, "")}…`;
}
