import type { QueryClient } from "@tanstack/react-query";
import type { Event, Tag } from "@/bindings";
import { QUERY_TAGS } from "@/bindings/tags";
import type { Elsewhere, Transport } from "@/platform";

/** Changes that come within this time are read again at once. */
const GATHER_MS = 40;

/**
 * Reads again what the core says has changed, and hands on everything else. Returns the way to
 * stop.
 */
export function followEvents(
  transport: Transport,
  cache: QueryClient,
  onEvent: (event: Event, elsewhere?: Elsewhere) => void,
): () => void {
  const changed = new Set<Tag>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const readAgain = () => {
    timer = undefined;
    const tags = new Set(changed);
    changed.clear();
    // Who works here is a setting, and every answer depends on it.
    if (tags.has("settings")) return void cache.invalidateQueries();
    void cache.invalidateQueries({ predicate: (query) => shows(query.queryKey, tags) });
  };

  const stop = transport.subscribe(
    (event, elsewhere) => {
      if (event.type !== "changed") return onEvent(event, elsewhere);
      for (const tag of event.tags) changed.add(tag);
      timer ??= setTimeout(readAgain, GATHER_MS);
    },
    () => void cache.invalidateQueries(),
  );
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** Whether a cached query shows something of these tags. */
export function shows(key: readonly unknown[], tags: ReadonlySet<Tag>): boolean {
  const type = key[1];
  if (key[0] !== "core" || typeof type !== "string" || !(type in QUERY_TAGS)) return false;
  return QUERY_TAGS[type as keyof typeof QUERY_TAGS].some((tag) => tags.has(tag));
}
