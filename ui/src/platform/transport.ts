import type { Act, Applied, Call, Event, Query } from "@/bindings";
import type { Desk } from "./desk";
import type { Door } from "./door";

/** How far a long act is. */
export interface Progress {
  done: number;
  total?: number;
}

/** What a caller wants of a long act while it runs. */
export interface Watch {
  onProgress?: (progress: Progress) => void;
  /** What a model that the act asked writes next. */
  onWords?: (words: string) => void;
  /** The act waits until a person has signed in on this page. */
  onSignIn?: (address: string) => void;
  /** Aborting asks the core to stop; the act then fails with `cancelled`. */
  signal?: AbortSignal;
}

/** The organization of an event that is not the one that the window shows. */
export interface Elsewhere {
  /** Absent for the computer's own. */
  organization: string | undefined;
}

/** What the system's own dialog lets a person choose. */
export type Pick = "site_folder" | "backup" | "new_backup";

/**
 * The one way between the window and the core. Every method throws `ProblemError` and nothing else.
 * `src/data` gives the answers their types.
 */
export interface Transport {
  /** Applies a change in one transaction. The same call id again answers as the first time. */
  mutate(call: Call): Promise<Applied>;
  /** Reads. */
  query(query: Query): Promise<unknown>;
  /** Reaches outside; may take long. */
  act(act: Act, watch?: Watch): Promise<unknown>;
  /**
   * Hears what happened in the core. `onLost` is told when events may have been missed, so that
   * everything is read again. Returns the way to stop.
   */
  subscribe(onEvent: (event: Event, elsewhere?: Elsewhere) => void, onLost: () => void): () => void;
  /** The address of a media file or rendition of the library. */
  mediaUrl(hash: string): string;
  /**
   * Lets the person choose a path on the core's computer, `start` being proposed; nothing when they
   * cancel. Absent where the window is in a browser: then they write it.
   */
  pick?(what: Pick, start?: string): Promise<string | undefined>;
  /** Draws the page at this size, 1 being as it is made. Absent in a browser, which has its own way. */
  zoom?(factor: number): Promise<void>;
  /** Signing in and out, where the window is a page of a server. */
  readonly door?: Door;
  /** Which organization is shown, where the window is the desktop's own. */
  readonly desk?: Desk;
}

/** Hands events to the act that they are about. */
export class ActBoard {
  private readonly watched = new Map<string, Watch>();

  watch(act: string, watch: Watch): () => void {
    this.watched.set(act, watch);
    return () => this.watched.delete(act);
  }

  /** Whether the event was about an act. */
  take(event: Event): boolean {
    switch (event.type) {
      case "progress": {
        const { act, done, total } = event;
        this.watched.get(act)?.onProgress?.(total === undefined ? { done } : { done, total });
        return true;
      }
      case "words":
        this.watched.get(event.act)?.onWords?.(event.words);
        return true;
      case "sign_in_at":
        this.watched.get(event.act)?.onSignIn?.(event.address);
        return true;
      default:
        return false;
    }
  }
}
