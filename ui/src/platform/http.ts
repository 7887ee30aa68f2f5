import type { Act, Applied, Call, Event, Query } from "@/bindings";
import { isProblem, ProblemError } from "./problem";
import { ActBoard, type Transport, type Watch } from "./transport";

/**
 * The same core over HTTP: `POST /rpc/mutate` (a Call), `/rpc/query` (a Query), `/rpc/act`
 * (`{id, act}`), `/rpc/cancel_act` (`{id}`), `GET /rpc/events` (server-sent) and `/media/<hash>`.
 * What is refused comes as a Problem with a status of 4xx or 5xx.
 */
export class HttpTransport implements Transport {
  private readonly base: string;
  private readonly acts = new ActBoard();

  constructor(base: string) {
    this.base = base.replace(/\/$/, "");
  }

  mutate(call: Call): Promise<Applied> {
    return this.post("mutate", call) as Promise<Applied>;
  }

  query(query: Query): Promise<unknown> {
    return this.post("query", query);
  }

  async act(act: Act, watch: Watch = {}): Promise<unknown> {
    const id = crypto.randomUUID();
    const unwatch = this.acts.watch(id, watch);
    const stop = () => {
      this.post("cancel_act", { id }).catch(() => {});
    };
    watch.signal?.addEventListener("abort", stop);
    try {
      return await this.post("act", { id, act });
    } finally {
      unwatch();
      watch.signal?.removeEventListener("abort", stop);
    }
  }

  subscribe(onEvent: (event: Event) => void, onLost: () => void): () => void {
    const source = new EventSource(`${this.base}/rpc/events`);
    source.onmessage = (message) => {
      const event = JSON.parse(message.data) as Event;
      if (!this.acts.take(event)) onEvent(event);
    };
    // The browser connects again by itself; what was missed in between is read again.
    let open = true;
    source.onopen = () => {
      open = true;
      onLost();
    };
    // Asking again when it breaks off shows at once that nobody answers.
    source.onerror = () => {
      if (open) onLost();
      open = false;
    };
    return () => source.close();
  }

  mediaUrl(hash: string): string {
    return `${this.base}/media/${hash}`;
  }

  private async post(way: string, body: unknown): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.base}/rpc/${way}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      text = await response.text();
    } catch {
      throw unreachable();
    }
    const value = parsed(text);
    if (response.ok) return value;
    throw isProblem(value) ? new ProblemError(value) : unreachable();
  }
}

function parsed(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    throw unreachable();
  }
}

function unreachable(): ProblemError {
  return new ProblemError({
    code: "unreachable",
    message: "Rostrum's core did not answer.",
    retryable: true,
  });
}
