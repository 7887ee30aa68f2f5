import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { WordKey } from "@/words";

/**
 * Words whose key the core names (a workflow, an entry of the history). What this window does not
 * know yet is shown as the core calls it.
 */
export function useNamed(): (
  key: string,
  fallback: string,
  args?: Record<string, unknown>,
) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (key, fallback, args = {}) =>
      i18n.exists(key, args) ? String(t(key as WordKey, args as never)) : fallback,
    [t, i18n],
  );
}

/** Names in a row as the language says it: "Pim or Joss", "Bluesky and X". */
export function useNames(): (
  names: readonly string[],
  type?: "disjunction" | "conjunction",
) => string {
  const { i18n } = useTranslation();
  return useCallback(
    (names, type = "disjunction") => new Intl.ListFormat(i18n.language, { type }).format(names),
    [i18n],
  );
}
