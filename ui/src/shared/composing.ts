/**
 * Whether an input method has the key. WebKit ends a composition before it tells of the key that
 * ended it, and marks that key with the code 229 alone.
 */
function isComposed(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/**
 * Keeps the keys of an input method from everything in the window: choosing among its words with
 * Enter, or leaving them with Escape, sends, closes and decides nothing. What the method writes
 * comes as text all the same. To be called before anything else listens.
 */
export function keepComposedKeys(): void {
  const keep = (event: KeyboardEvent) => {
    if (isComposed(event)) event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", keep, true);
  window.addEventListener("keyup", keep, true);
}
