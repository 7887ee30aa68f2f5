/** Which keys a computer has: Apple's glyphs and order, or words. */
export const isApple =
  typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform || "");

/**
 * A shortcut as written in the registry: `Mod+K`, `Shift+Enter`, `G A` (a sequence), `?`.
 * Returns one string per key box; modifiers of one chord share a box on Apple's platforms.
 */
export function keyBoxes(shortcut: string, apple: boolean = isApple): string[] {
  return shortcut.split(" ").flatMap((chord) => {
    const keys = chord.split("+").map((key) => keyFace(key, apple));
    return apple && keys.length > 1 ? [keys.join("")] : keys;
  });
}

const appleFaces: Record<string, string> = {
  Mod: "⌘",
  Shift: "⇧",
  Alt: "⌥",
  Ctrl: "⌃",
};
const plainFaces: Record<string, string> = {
  Mod: "Ctrl",
  Shift: "Shift",
  Alt: "Alt",
  Ctrl: "Ctrl",
};
const faces: Record<string, string> = {
  Enter: "↵",
  Escape: "esc",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Tab: "Tab",
  Space: "Space",
  Plus: "+",
  Minus: "−",
  Backspace: "⌫",
  Delete: "Del",
};

function keyFace(key: string, apple: boolean): string {
  return (
    (apple ? appleFaces[key] : plainFaces[key]) ??
    faces[key] ??
    (key.length === 1 ? key.toUpperCase() : key)
  );
}
