import { expect, test } from "vitest";
import { keyBoxes } from "../../src/shared/keys";
import { chordOf, isSingle, isTaken, isTyping } from "../../src/shell/actions/keys";

const press = (key: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent("keydown", { key, ...more });

test("a chord names its modifiers in one order", () => {
  expect(chordOf(press("k", { ctrlKey: true }), false)).toBe("Mod+K");
  expect(chordOf(press("k", { metaKey: true }), true)).toBe("Mod+K");
  expect(chordOf(press("Enter", { ctrlKey: true, shiftKey: true }), false)).toBe("Mod+Shift+Enter");
});

test("a sign that needs Shift on the keyboard is the sign alone", () => {
  expect(chordOf(press("?", { shiftKey: true }), false)).toBe("?");
  expect(chordOf(press("J", { shiftKey: true }), false)).toBe("Shift+J");
});

test("larger and smaller are the same key on every keyboard", () => {
  expect(chordOf(press("+", { ctrlKey: true, shiftKey: true }), false)).toBe("Mod+Plus");
  expect(chordOf(press("=", { ctrlKey: true }), false)).toBe("Mod+Plus");
  expect(chordOf(press("-", { ctrlKey: true }), false)).toBe("Mod+Minus");
  expect(keyBoxes("Mod+Plus", false)).toEqual(["Ctrl", "+"]);
});

test("a modifier alone and a dead key are no chord", () => {
  expect(chordOf(press("Shift", { shiftKey: true }), false)).toBeUndefined();
  expect(chordOf(press("Dead"), false)).toBeUndefined();
});

test("a key without a modifier is single, a sequence of them too", () => {
  expect(isSingle("J")).toBe(true);
  expect(isSingle("G A")).toBe(true);
  expect(isSingle("Mod+K")).toBe(false);
});

test("typing in a field is typing, a checkbox is not", () => {
  const field = document.createElement("input");
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  expect(isTyping(field)).toBe(true);
  expect(isTyping(document.createElement("textarea"))).toBe(true);
  expect(isTyping(box)).toBe(false);
});

test("Enter on a button belongs to the button, J does not", () => {
  const button = document.createElement("button");
  document.body.append(button);
  expect(isTaken(button, "Enter")).toBe(true);
  expect(isTaken(button, "J")).toBe(false);
});

test("keys wear the platform's faces", () => {
  expect(keyBoxes("Mod+Shift+K", true)).toEqual(["⌘⇧K"]);
  expect(keyBoxes("Mod+K", false)).toEqual(["Ctrl", "K"]);
  expect(keyBoxes("G A", false)).toEqual(["G", "A"]);
});
