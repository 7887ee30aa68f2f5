import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Place } from "@/bindings";
import type { IdeasPart, IdeasSearch, QueueSearch } from "./router";

/** Every address of the window. */
export type Where =
  // Ideas of the window may lead to a part of the place.
  | Exclude<Place, { type: "ideas" }>
  | { type: "calendar" }
  | { type: "queue"; search?: QueueSearch }
  | { type: "edit"; id: string }
  /** A new post for a persona, or in a free slot (a wall-clock time and its zone). */
  | { type: "write"; persona?: string; at?: string; zone?: string }
  | { type: "ideas"; part?: IdeasPart; search?: IdeasSearch }
  | { type: "workflows" }
  | { type: "run"; id: string }
  | { type: "personas"; id?: string }
  | { type: "settings"; part?: string }
  | { type: "outbox" }
  | { type: "welcome" };

/** The path of an address; the one place that knows how addresses are written. */
export function pathOf(where: Where): string {
  switch (where.type) {
    case "request":
      return `/approvals/${where.id}`;
    case "content":
      return `/content/${where.id}`;
    case "edit":
      return `/compose/${where.id}`;
    case "write": {
      const { type: _, ...rest } = where;
      const search = new URLSearchParams(rest as Record<string, string>).toString();
      return search ? `/compose?${search}` : "/compose";
    }
    case "compose_text":
      // As JSON, so that a number stays a text.
      return `/compose?${new URLSearchParams({ text: JSON.stringify(where.text) })}`;
    case "run":
      return `/workflows/${where.id}`;
    case "account":
      return `/personas?account=${where.id}`;
    case "personas":
      return where.id ? `/personas/${where.id}` : "/personas";
    case "join":
      return `/settings/organizations?${new URLSearchParams({ join: JSON.stringify(where.link) })}`;
    case "settings":
      return where.part ? `/settings/${where.part}` : "/settings";
    case "ideas": {
      const path = where.part ? `/ideas/${where.part}` : "/ideas";
      const search = new URLSearchParams(where.search as Record<string, string>).toString();
      return search ? `${path}?${search}` : path;
    }
    case "queue": {
      const search = new URLSearchParams(where.search as Record<string, string>).toString();
      return search ? `/queue?${search}` : "/queue";
    }
    default:
      return `/${where.type}`;
  }
}

/** Goes to an address. */
export function useGo(): (where: Where, options?: { replace?: boolean }) => void {
  const router = useRouter();
  return useCallback(
    (where, options = {}) => {
      const path = pathOf(where);
      if (options.replace) router.history.replace(path);
      else router.history.push(path);
    },
    [router],
  );
}
