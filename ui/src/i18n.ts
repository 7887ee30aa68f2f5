import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { languageOf } from "./language";
import en from "./locales/en.json";

/** The languages that have a catalog. The window, the tray and the command line share them. */
export const languages = { en } as const;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
    keySeparator: false;
    nsSeparator: false;
  }
}

/** Keys are flat: `queue.title`; plurals end in `_one` and `_other`. */
export function startWords(language: string = languageOf(navigator.language)): typeof i18next {
  i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: en } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  document.documentElement.lang = i18next.resolvedLanguage ?? "en";
  return i18next;
}
