import { useEffect } from "react";
import { usePrefs } from "../prefs";
import { chordOf, isSingle, isTaken, isTyping, SEQUENCE_MS } from "./keys";
import { actionIds } from "./list";
import { keysOf, offerOf } from "./registry";

/** Listens for shortcuts of all offered actions; once, in the shell. */
export function useShortcuts(): void {
  useEffect(() => {
    let first: { chord: string; at: number } | undefined;

    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const chord = chordOf(event);
      if (chord) onChord(event, chord);
    };
    // A button takes every Enter for a press, so submitting by keys is heard before it.
    const onSubmit = (event: KeyboardEvent) => {
      if (chordOf(event) !== "Mod+Enter") return;
      if (event.target instanceof HTMLElement && event.target.closest("button, a")) {
        onChord(event, "Mod+Enter");
        if (event.defaultPrevented) event.stopPropagation();
      }
    };
    const onChord = (event: KeyboardEvent, chord: string) => {
      const typing = isTyping(event.target);
      // What was just typed is taken back first (a toast's Undo can be pressed), and in a field all
      // means its text.
      if (typing && (chord === "Mod+Z" || chord === "Mod+A")) return;
      const single = isSingle(chord);
      if (single && (typing || !usePrefs.getState().single_keys || isTaken(event.target, chord))) {
        first = undefined;
        return;
      }
      // A sheet keeps what lies under it quiet, but for what has a modifier.
      if (single && document.querySelector("[role=dialog],[role=alertdialog]")) return;

      const sequence =
        first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.chord} ${chord}` : undefined;
      const hit = actionIds.find((id) => {
        const keys = keysOf(id);
        return keys !== undefined && (keys === sequence || keys === chord) && offerOf(id);
      });
      if (hit && !(sequence === undefined && beginsSequence(chord))) {
        event.preventDefault();
        first = undefined;
        offerOf(hit)?.run();
        return;
      }
      first = single && beginsSequence(chord) ? { chord, at: event.timeStamp } : undefined;
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("keydown", onSubmit, true);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("keydown", onSubmit, true);
    };
  }, []);
}

function beginsSequence(chord: string): boolean {
  return actionIds.some((id) => keysOf(id)?.startsWith(`${chord} `) && offerOf(id));
}
