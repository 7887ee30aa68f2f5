/**
 * A language tag that `Intl` takes, or English. A computer whose locale is `C` or `POSIX` gives the
 * window no tag at all, and `Intl` throws on it.
 */
export function languageOf(tag: string | undefined): string {
  try {
    const [language] = Intl.getCanonicalLocales(tag ?? "");
    return language && /^[a-z]{2,3}(-|$)/.test(language) ? language : "en";
  } catch {
    return "en";
  }
}
