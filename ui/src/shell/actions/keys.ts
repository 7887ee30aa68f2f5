import { isApple } from "@/shared/keys";

/** How long the second key of a sequence is waited for. */
export const SEQUENCE_MS = 1_200;

/** Keys whose sign would be none in a chord, or is another on other keyboards. */
const named: Record<string, string> = { " ": "Space", "+": "Plus", "=": "Plus", "-": "Minus" };

/** The chord of a key press as the registry writes it: `Mod+Shift+K`, `?`, `Enter`. */
export function chordOf(event: KeyboardEvent, apple: boolean = isApple): string | undefined {
  const { key } = event;
  if (["Shift", "Control", "Alt", "Meta", "Dead", "Process"].includes(key)) return undefined;
  const parts: string[] = [];
  if (apple ? event.metaKey : event.ctrlKey) parts.push("Mod");
  if (apple && event.ctrlKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  const letter = key.length === 1;
  // A sign such as "?" already contains its Shift; a letter does not.
  const shifted = event.shiftKey && (!letter || key.toLowerCase() !== key.toUpperCase());
  if (shifted) parts.push("Shift");
  parts.push(named[key] ?? (letter ? key.toUpperCase() : key));
  return parts.join("+");
}

/** Whether a shortcut needs no modifier, so that it would be typed in a text field. */
export function isSingle(shortcut: string): boolean {
  return !/(Mod|Ctrl|Alt)\+/.test(shortcut);
}

/** Whether the press belongs to a text field. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement &&
        !["checkbox", "radio", "button"].includes(target.type)))
  );
}

/** Whether the press does something of its own on what has the focus: a button, a menu, a tab. */
export function isTaken(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=menu],[role=listbox],[role=dialog],[role=alertdialog]")) return true;
  const activates = chord === "Enter" || chord === "Space";
  return activates && target.closest("button,a,[role=tab],[role=radio],[role=switch]") !== null;
}
