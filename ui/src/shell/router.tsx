import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { ContentStatus } from "@/bindings";
import { Today } from "@/features/today";
import { Shell } from "./shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => null,
});

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/today", replace: true });
  },
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("@/features/first-run"), "FirstRun"),
});

/** Where links of a server lead; the shell shows what they ask for instead of a place. */
const joinServer = createRoute({ getParentRoute: () => root, path: "/join/$token" });
const reset = createRoute({ getParentRoute: () => root, path: "/reset/$token" });
const review = createRoute({ getParentRoute: () => root, path: "/review/$token" });

const today = createRoute({
  getParentRoute: () => root,
  path: "/today",
  // The first thing one sees: it comes with the frame, not after it.
  component: Today,
});

export type QueueView = "all" | "drafts" | "planned" | "sent";
export interface QueueSearch {
  view?: QueueView;
  persona?: string;
  status?: ContentStatus;
  find?: string;
  /** Only what waits for a person. */
  needs?: "yes";
}

const queue = createRoute({
  getParentRoute: () => root,
  path: "/queue",
  validateSearch: (search: Record<string, unknown>): QueueSearch => {
    const { view, persona, status, find, needs } = search;
    return {
      ...(text(view) ? { view: view as QueueView } : {}),
      ...(text(persona) ? { persona: text(persona) } : {}),
      ...(text(status) ? { status: status as ContentStatus } : {}),
      ...(text(find) ? { find: text(find) } : {}),
      ...(text(needs) ? { needs: "yes" as const } : {}),
    };
  },
  component: lazyRouteComponent(() => import("@/features/queue"), "Queue"),
});

const calendar = createRoute({
  getParentRoute: () => root,
  path: "/calendar",
  component: lazyRouteComponent(() => import("@/features/calendar"), "Calendar"),
});

const approvals = createRoute({
  getParentRoute: () => root,
  path: "/approvals/{-$id}",
  component: lazyRouteComponent(() => import("@/features/approvals"), "Approvals"),
});

/** What a link to a new content may say. */
export interface ComposeSearch {
  persona?: string;
  /** A wall-clock time, `YYYY-MM-DDTHH:MM`, and its zone. */
  at?: string;
  zone?: string;
  /** Words to begin with. */
  text?: string;
}

/** One route for a new and a known content, so that the first words do not begin a new desk. */
const compose = createRoute({
  getParentRoute: () => root,
  path: "/compose/{-$content}",
  validateSearch: (search: Record<string, unknown>): ComposeSearch => {
    const { persona, at, zone } = search;
    const words = text(search.text);
    return {
      ...(text(persona) ? { persona: text(persona) } : {}),
      ...(text(at) ? { at: text(at) } : {}),
      ...(text(zone) ? { zone: text(zone) } : {}),
      ...(words ? { text: words } : {}),
    };
  },
  component: lazyRouteComponent(() => import("@/features/compose"), "Compose"),
});

const content = createRoute({
  getParentRoute: () => root,
  path: "/content/$content",
  component: lazyRouteComponent(() => import("@/features/content"), "ContentPlace"),
});

const personas = createRoute({
  getParentRoute: () => root,
  path: "/personas/{-$id}",
  validateSearch: (search: Record<string, unknown>): { account?: string } =>
    text(search.account) ? { account: text(search.account) } : {},
  component: lazyRouteComponent(() => import("@/features/personas"), "Personas"),
});

export type IdeasPart = "trends" | "suggestions" | "sources";
export interface IdeasSearch {
  persona?: string;
  trend?: string;
}

const ideas = createRoute({
  getParentRoute: () => root,
  path: "/ideas/{-$part}",
  validateSearch: (search: Record<string, unknown>): IdeasSearch => {
    const { persona, trend } = search;
    return {
      ...(text(persona) ? { persona: text(persona) } : {}),
      ...(text(trend) ? { trend: text(trend) } : {}),
    };
  },
  component: lazyRouteComponent(() => import("@/features/ideas"), "Ideas"),
});

const workflows = createRoute({
  getParentRoute: () => root,
  path: "/workflows/{-$id}",
  component: lazyRouteComponent(() => import("@/features/runs"), "Workflows"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings/{-$part}",
  validateSearch: (search: Record<string, unknown>): { join?: string } => {
    const join = text(search.join);
    return join ? { join } : {};
  },
  component: lazyRouteComponent(() => import("@/features/settings"), "Settings"),
});

const outbox = createRoute({
  getParentRoute: () => root,
  path: "/outbox",
  component: lazyRouteComponent(() => import("@/features/outbox"), "OutboxPlace"),
});

const tree = root.addChildren([
  home,
  welcome,
  joinServer,
  reset,
  review,
  today,
  queue,
  calendar,
  approvals,
  ideas,
  workflows,
  compose,
  content,
  personas,
  settings,
  outbox,
]);

/** Addresses live behind the hash: the window's own protocol knows no paths but files. */
export function makeRouter() {
  return createRouter({
    routeTree: tree,
    history: createHashHistory(),
    defaultPreload: "intent",
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
