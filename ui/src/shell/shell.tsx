import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Event, Organizations, Overview, Place } from "@/bindings";
import {
  followEvents,
  keyOf,
  useAnswer,
  useChange,
  useCore,
  useIsMirror,
  useOrganizations,
} from "@/data";
import type { Elsewhere } from "@/platform";
import { Button, clock, machineZone, OfflineStrip, runUndo, Toasts } from "@/shared";
import { useActions, useShortcuts } from "./actions";
import { ErrorBoundary } from "./error-boundary";
import { pathOf, useGo } from "./go";
import { KeysSheet } from "./keys-sheet";
import { sayNotification } from "./notices";
import { Palette } from "./palette";
import { places, quietPlaces } from "./places";
import { obey, wasHere } from "./prefs";
import { ProblemState, sayProblem } from "./problem";
import { useSession } from "./session";
import { Sidebar } from "./sidebar";
import { WhoIsHere } from "./who-is-here";
import { useNarrow } from "./width";
import { useZooming } from "./zoom";

const SignIn = lazy(async () => ({ default: (await import("@/features/sign-in")).SignIn }));
const Join = lazy(async () => ({ default: (await import("@/features/sign-in")).Join }));
const Reset = lazy(async () => ({ default: (await import("@/features/sign-in")).Reset }));
const Review = lazy(async () => ({ default: (await import("@/features/review")).Review }));
const TemplatesSheet = lazy(async () => ({
  default: (await import("@/features/templates")).TemplatesSheet,
}));

/** The window, or the way in where it is a page of a server. */
export function Shell() {
  const { door } = useCore();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [, way, token] = path.split("/");
  if (door && token && (way === "join" || way === "reset")) {
    return (
      <Suspense fallback={<div className="h-full bg-bg" />}>
        {way === "join" ? <Join door={door} token={token} /> : <Reset door={door} token={token} />}
      </Suspense>
    );
  }
  if (door && token && way === "review") {
    return (
      <Suspense fallback={<div className="h-full bg-bg" />}>
        <Review door={door} link={token} />
        <Toasts />
      </Suspense>
    );
  }
  return <Frame />;
}

/** The frame of the window: sidebar, the place, and what floats over both. */
function Frame() {
  const { t } = useTranslation();
  const { door, desk } = useCore();
  const isMirror = useIsMirror();
  const overview = useAnswer({ type: "overview" }, { every: 60_000 });
  const settings = useAnswer({ type: "settings" }).data?.settings;
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const narrow = useNarrow("rail");
  const first = path === "/welcome";
  const firstRun = overview.data?.first_run;
  const go = useGo();

  const lost = useSession((session) => session.lost);
  const templates = useSession((session) => session.templates);

  useEvents();
  useLeaving();
  useShortcuts();
  useZooming();
  useWindowActions(overview.data?.runtime.paused, isMirror);

  useEffect(() => {
    if (settings) obey(settings);
  }, [settings]);
  useEffect(() => {
    if (firstRun) go({ type: "welcome" }, { replace: true });
  }, [firstRun, go]);
  useEffect(() => {
    const gone = overview.error?.problem.code === "unreachable";
    useSession.setState(({ lost }) => ({ lost: gone ? (lost ?? Date.now()) : undefined }));
  }, [overview.error]);

  if (door && overview.error?.problem.code === "signed_out") {
    return (
      <Suspense fallback={<div className="h-full bg-bg" />}>
        <SignIn door={door} />
      </Suspense>
    );
  }
  if (overview.error && !overview.data) {
    return (
      <div className="flex h-full flex-col items-center justify-center gap-3 bg-bg p-8">
        <ProblemState
          error={overview.error}
          onAgain={() => void overview.refetch()}
          className="max-w-lg"
        />
        {isMirror ? <Button onClick={() => desk?.enter(undefined)}>{t("desk.own")}</Button> : null}
      </div>
    );
  }
  if (!overview.data && !first && !wasHere()) return <div className="h-full bg-bg" />;
  if (overview.data && !overview.data.me && !firstRun) {
    return (
      <>
        <WhoIsHere people={overview.data.people} />
        <Toasts />
      </>
    );
  }
  return (
    <div className="flex h-full bg-surface">
      <button
        type="button"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-2 focus:py-1"
        onClick={() => document.getElementById("place")?.focus()}
      >
        {t("shell.skip")}
      </button>
      {first ? null : (
        <Sidebar overview={overview.data} rail={narrow || path.startsWith("/compose")} />
      )}
      <main id="place" tabIndex={-1} className="flex min-w-0 flex-1 flex-col">
        {lost && overview.data ? (
          <OfflineStrip
            text={t("shell.lost", { time: clock(lost, machineZone()) })}
            action={
              <Button size="row" busy={overview.isFetching} onClick={() => void overview.refetch()}>
                {t("common.try_again")}
              </Button>
            }
          />
        ) : null}
        <ErrorBoundary place={path}>
          <Outlet />
        </ErrorBoundary>
      </main>
      <Palette overview={overview.data} />
      <KeysSheet />
      {templates ? (
        <Suspense fallback={null}>
          <TemplatesSheet onClose={() => useSession.setState({ templates: false })} />
        </Suspense>
      ) : null}
      <Toasts />
    </div>
  );
}

function useWindowActions(paused: boolean | undefined, isMirror: boolean): void {
  const go = useGo();
  const change = useChange();
  const setPaused = (next: boolean) => () =>
    change.mutate(
      { mutation: { type: "set_paused", paused: next } },
      { onError: (error) => sayProblem(error, setPaused(next)) },
    );
  const ways = Object.fromEntries(
    [...places, ...quietPlaces].map(({ action, where, atServer }) => [
      action,
      !(isMirror && atServer) && (() => go(where)),
    ]),
  );
  useActions({
    ...ways,
    "sending.pause": paused === false && setPaused(true),
    "sending.resume": paused === true && setPaused(false),
    "window.palette": () => useSession.setState(({ palette }) => ({ palette: !palette })),
    "window.keys": () => useSession.setState({ keys: true }),
    "post.from_template": () => useSession.setState({ templates: true }),
    "window.undo": () => void runUndo(),
  });
}

/** Reads again what changed, and shows what the core wants shown. */
function useEvents(): void {
  const { t } = useTranslation();
  const core = useCore();
  const cache = useQueryClient();
  const go = useGo();
  useEffect(() => {
    const { desk } = core;
    const hear = (event: Event, elsewhere?: Elsewhere) => {
      const open = (place: Place) => {
        if (elsewhere && desk) desk.enter(elsewhere.organization, pathOf(place));
        else go(place);
      };
      if (event.type === "open") {
        if (event.here) go(event.place);
        else open(event.place);
      } else if (event.type === "noticed") {
        const overview = cache.getQueryData<Overview>(keyOf({ type: "overview" }));
        const all = cache.getQueryData<Organizations>(keyOf({ type: "organizations" }));
        const where = elsewhere && (nameOf(all, elsewhere.organization) ?? t("desk.own"));
        const me = elsewhere ? undefined : overview?.me?.name;
        const toMe = event.person !== undefined && event.person === overview?.me?.id;
        sayNotification(event.notification, me, open, where, toMe);
      } else if (event.type === "trouble") {
        if (event.problem.code === "no_member") desk?.keepWord(event.problem);
        sayProblem(event.problem);
      }
    };
    return followEvents(core, cache, hear);
  }, [core, cache, go, t]);
}

/** The name of an organization on this computer, where it has one. */
function nameOf(all: Organizations | undefined, id: string | undefined): string | undefined {
  const name =
    id === undefined ? all?.own.name : all?.joined.find((one) => one.organization === id)?.name;
  return name || undefined;
}

/** An organization that is not on this computer any more is not shown any longer. */
function useLeaving(): void {
  const { desk } = useCore();
  const joined = useOrganizations()?.joined;
  const shown = desk?.organization;
  useEffect(() => {
    const gone = joined && shown && !joined.some((one) => one.organization === shown);
    if (gone) desk?.enter(undefined, "/today");
  }, [desk, joined, shown]);
  useEffect(() => {
    const word = desk?.takeWord();
    if (word) sayProblem(word);
  }, [desk]);
}
