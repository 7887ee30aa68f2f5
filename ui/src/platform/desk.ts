import type { Problem } from "@/bindings";
import { isProblem } from "./problem";

const SHOWN = "rostrum.shown";
const WORD = "rostrum.word";
/** How long a toast is read. */
const READ_MS = 6_000;

/** Which organization the desktop's window shows: the computer's own, or one that it has joined. */
export class Desk {
  /** The one that is shown; the computer's own where it is not there. */
  get organization(): string | undefined {
    try {
      return localStorage.getItem(SHOWN) ?? undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Shows another organization, at a path of it; the page begins anew, so that nothing of the old
   * one stays.
   */
  enter(organization: string | undefined, path = "/"): void {
    if (organization === undefined) localStorage.removeItem(SHOWN);
    else localStorage.setItem(SHOWN, organization);
    window.location.hash = `#${path}`;
    window.location.reload();
  }

  /** Keeps what was just said for a page that begins anew meanwhile. */
  keepWord(problem: Problem): void {
    sessionStorage.setItem(WORD, JSON.stringify(problem));
    setTimeout(() => sessionStorage.removeItem(WORD), READ_MS);
  }

  /** What was said just before the page began anew. */
  takeWord(): Problem | undefined {
    const word = JSON.parse(sessionStorage.getItem(WORD) ?? "null") as unknown;
    sessionStorage.removeItem(WORD);
    return isProblem(word) ? word : undefined;
  }
}
