import { create } from "zustand";
import type { Settings } from "@/bindings";
import { speak } from "../i18n";

/** What of the settings the window itself obeys. */
type Prefs = Pick<
  Settings,
  "appearance" | "language" | "high_contrast" | "single_keys" | "shortcuts"
>;

const KEY = "rostrum.prefs";
const defaults: Prefs = {
  appearance: "system",
  language: "system",
  high_contrast: false,
  single_keys: true,
  shortcuts: {},
};

function kept(): Prefs {
  try {
    return { ...defaults, ...JSON.parse(window.localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return defaults;
  }
}

/** This window has been used before: it starts with its frame, not with an empty ground. */
export const wasHere = (): boolean => window.localStorage.getItem(KEY) !== null;

/**
 * The settings that the window obeys, as last heard from the core. The copy in the window's own
 * storage is only so that the first frame already has the right ground.
 */
export const usePrefs = create<Prefs>()(kept);

/** Takes over what the core says. */
export function obey(settings: Prefs): void {
  const { appearance, language, high_contrast, single_keys, shortcuts } = settings;
  const prefs = { appearance, language, high_contrast, single_keys, shortcuts };
  window.localStorage.setItem(KEY, JSON.stringify(prefs));
  usePrefs.setState(prefs);
  wear(prefs);
  speak(prefs.language);
}

/** Puts the choices on the root element, where the tokens read them. */
export function wear(prefs: Pick<Prefs, "appearance" | "high_contrast"> = usePrefs.getState()) {
  const root = document.documentElement;
  mark(root, "theme", prefs.appearance === "system" ? undefined : prefs.appearance);
  mark(root, "contrast", prefs.high_contrast ? "more" : undefined);
}

function mark(root: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) delete root.dataset[name];
  else root.dataset[name] = value;
}
