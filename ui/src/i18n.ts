import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "@/bindings";
import { languageOf } from "./language";
import de from "./locales/de.json";
import en from "./locales/en.json";
import { setTimeLocale } from "./shared/time";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
    keySeparator: false;
    nsSeparator: false;
  }
}

/** Keys are flat: `queue.title`; plurals end in `_one` and `_other`. */
export function startWords(chosen: Language = "system"): typeof i18next {
  i18next.use(initReactI18next).init({
    lng: spoken(chosen),
    fallbackLng: "en",
    resources: { en: { translation: en }, de: { translation: de } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  tellTheRest();
  return i18next;
}

/** Speaks the language of the settings from now on. */
export function speak(chosen: Language): void {
  const language = spoken(chosen);
  if (!i18next.isInitialized || i18next.language === language) return;
  void i18next.changeLanguage(language).then(tellTheRest);
}

function spoken(chosen: Language): string {
  return chosen === "system" ? languageOf(navigator.language) : chosen;
}

/** Dates, and what a screen reader takes the page to be written in. */
function tellTheRest(): void {
  const language = i18next.resolvedLanguage ?? "en";
  document.documentElement.lang = language;
  setTimeLocale(language);
}
