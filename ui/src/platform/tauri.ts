import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Act, Applied, Call, Event, Query, Tag, Told } from "@/bindings";
import { Desk } from "./desk";
import { ProblemError, problemOf } from "./problem";
import { ActBoard, type Elsewhere, type Pick, type Transport, type Watch } from "./transport";

/** Commands of the desktop shell; it decodes, calls the core and encodes. */
export class TauriTransport implements Transport {
  private readonly acts = new ActBoard();
  readonly desk = new Desk();

  mutate(call: Call): Promise<Applied> {
    return this.said(invoke<Applied>("mutate", { ...this.within(), call }));
  }

  query(query: Query): Promise<unknown> {
    return this.said(invoke("query", { ...this.within(), query }));
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
      return await this.said(invoke("act", { ...this.within(), id, act }));
    } finally {
      unwatch();
      watch.signal?.removeEventListener("abort", stop);
    }
  }

  subscribe(
    onEvent: (event: Event, elsewhere?: Elsewhere) => void,
    onLost: () => void,
  ): () => void {
    let over = false;
    let unlisten: (() => void) | undefined;
    const hear = ({ organization, event }: Told) => {
      if (this.acts.take(event)) return;
      if (organization === this.desk.organization) return onEvent(event);
      const heard = ofAnother(event);
      if (heard) onEvent(heard, { organization });
    };
    listen<Told>("rostrum", ({ payload }) => hear(payload)).then(
      (stop) => {
        if (over) stop();
        else {
          unlisten = stop;
          // Whatever happened before the listener was in place is read again.
          onLost();
          // A link may have started the program.
          said(invoke<Told | null>("hears")).then(
            (told) => told && hear(told),
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
    const { organization } = this.desk;
    return convertFileSrc(organization ? `${organization}.${hash}` : hash, "media");
  }

  async pick(what: Pick, start?: string): Promise<string | undefined> {
    const path = await said(invoke<string | null>("pick", { what, start: start ?? null }));
    return path ?? undefined;
  }

  async zoom(factor: number): Promise<void> {
    await said(invoke("zoom", { factor }));
  }

  private within(): { organization: string | null } {
    return { organization: this.desk.organization ?? null };
  }

  /** An organization that is not on this computer any more is not shown any longer. */
  private async said<T>(answer: Promise<T>): Promise<T> {
    try {
      return await said(answer);
    } catch (error) {
      if (problemOf(error).code === "not_joined" && this.desk.organization !== undefined) {
        this.desk.enter(undefined);
      }
      throw error;
    }
  }
}

/** What is the computer's is shown whichever organization is. */
const ofComputer: readonly Tag[] = ["organizations", "settings"];

/** What the window has to know of an event of an organization that it does not show. */
function ofAnother(event: Event): Event | undefined {
  if (event.type !== "changed") return event;
  const tags = event.tags.filter((tag) => ofComputer.includes(tag));
  return tags.length > 0 ? { type: "changed", tags } : undefined;
}

async function said<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new ProblemError(problemOf(error));
  }
}
