import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Act, Applied, Call, Event, Place, Query } from "@/bindings";
import { ProblemError, problemOf } from "./problem";
import { ActBoard, type Pick, type Transport, type Watch } from "./transport";

/** Commands of the desktop shell; it decodes, calls the core and encodes. */
export class TauriTransport implements Transport {
  private readonly acts = new ActBoard();

  mutate(call: Call): Promise<Applied> {
    return said(invoke<Applied>("mutate", { call }));
  }

  query(query: Query): Promise<unknown> {
    return said(invoke("query", { query }));
  }

  async act(act: Act, watch: Watch = {}): Promise<unknown> {
    const id = crypto.randomUUID();
    const unwatch = this.acts.watch(id, watch);
    const stop = () => {
      // The act itself then fails with `cancelled`; a failure to stop it changes nothing.
      invoke("cancel_act", { id }).catch(() => {});
    };
    watch.signal?.addEventListener("abort", stop);
    try {
      return await said(invoke("act", { id, act }));
    } finally {
      unwatch();
      watch.signal?.removeEventListener("abort", stop);
    }
  }

  subscribe(onEvent: (event: Event) => void, onLost: () => void): () => void {
    let over = false;
    let unlisten: (() => void) | undefined;
    listen<Event>("rostrum", ({ payload }) => {
      if (!this.acts.take(payload)) onEvent(payload);
    }).then(
      (stop) => {
        if (over) stop();
        else {
          unlisten = stop;
          // Whatever happened before the listener was in place is read again.
          onLost();
          // A link may have started the program.
          said(invoke<Place | null>("hears")).then(
            (place) => place && onEvent({ type: "open", place }),
            () => {},
          );
        }
      },
      () => onLost(),
    );
    return () => {
      over = true;
      unlisten?.();
    };
  }

  mediaUrl(hash: string): string {
    return convertFileSrc(hash, "media");
  }

  async pick(what: Pick, start?: string): Promise<string | undefined> {
    const path = await said(invoke<string | null>("pick", { what, start: start ?? null }));
    return path ?? undefined;
  }

  async zoom(factor: number): Promise<void> {
    await said(invoke("zoom", { factor }));
  }
}

async function said<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new ProblemError(problemOf(error));
  }
}
