import type { Act, Applied, Call, Event, Query } from "@/bindings";
import { Door } from "./door";
import { ActBoard, type Transport, type Watch } from "./transport";
import { Wire } from "./wire";

/** Between a connection for events that ended for good and the next one: twice as long each time. */
const AGAIN_MS = 2_000;
const AGAIN_AT_MOST_MS = 60_000;

/**
 * The same core over HTTP: `POST /rpc/mutate` (a Call), `/rpc/query` (a Query), `/rpc/act`
 * (`{id, act}`), `/rpc/cancel_act` (`{id}`), `GET /rpc/events` (server-sent) and `/media/<hash>`.
 * What is refused comes as a Problem with a status of 4xx or 5xx.
 */
export class HttpTransport implements Transport {
  private readonly wire: Wire;
  private readonly acts = new ActBoard();
  readonly door: Door;

  constructor(base: string) {
    this.wire = new Wire(base);
    this.door = new Door(this.wire);
  }

  mutate(call: Call): Promise<Applied> {
    return this.wire.post("/rpc/mutate", call) as Promise<Applied>;
  }

  query(query: Query): Promise<unknown> {
    return this.wire.post("/rpc/query", query);
  }

  async act(act: Act, watch: Watch = {}): Promise<unknown> {
    const id = crypto.randomUUID();
    const unwatch = this.acts.watch(id, watch);
    const stop = () => {
      this.wire.post("/rpc/cancel_act", { id }).catch(() => {});
    };
    watch.signal?.addEventListener("abort", stop);
    try {
      return await this.wire.post("/rpc/act", { id, act });
    } finally {
      unwatch();
      watch.signal?.removeEventListener("abort", stop);
    }
  }

  subscribe(onEvent: (event: Event) => void, onLost: () => void): () => void {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    let pause = AGAIN_MS;
    const listen = () => {
      const listening = new EventSource(this.wire.address("/rpc/events"));
      source = listening;
      listening.onmessage = (message) => {
        const event = JSON.parse(message.data) as Event;
        if (!this.acts.take(event)) onEvent(event);
      };
      // The browser connects again by itself; what was missed in between is read again.
      let open = true;
      listening.onopen = () => {
        open = true;
        pause = AGAIN_MS;
        onLost();
      };
      // Asking again when it breaks off shows at once that nobody answers.
      listening.onerror = () => {
        if (open) onLost();
        open = false;
        if (listening.readyState !== EventSource.CLOSED || stopped) return;
        // Refused: what lets in has run out, or the server is away.
        timer = setTimeout(() => {
          pause = Math.min(pause * 2, AGAIN_AT_MOST_MS);
          void this.wire.renew().then(() => {
            if (!stopped) listen();
          });
        }, pause);
      };
    };
    listen();
    return () => {
      stopped = true;
      clearTimeout(timer);
      source?.close();
    };
  }

  mediaUrl(hash: string): string {
    return this.wire.address(`/media/${hash}`);
  }
}
