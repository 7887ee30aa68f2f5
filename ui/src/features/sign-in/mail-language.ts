import { useTranslation } from "react-i18next";
import type { MailLanguage } from "@/platform";

/** In which words the server writes to whoever uses this window: its own. */
export function useMailLanguage(): MailLanguage {
  const { i18n } = useTranslation();
  return i18n.resolvedLanguage === "de" ? "de" : "en";
}
