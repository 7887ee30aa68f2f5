import { useTranslation } from "react-i18next";
import type { SuggestionView } from "@/bindings";

/** What a suggestion is called: its working title, else what it is. */
export function useTitle(): (suggestion: SuggestionView) => string {
  const { t } = useTranslation();
  return (suggestion) => suggestion.facts.title || t(`ideas.kind.${suggestion.kind}`);
}
