import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ChevronDown, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "@/bindings";
import { useAct, useAnswer, useCore, useIsMirror, useOrganizations } from "@/data";
import { type Door, isDesktop } from "@/platform";
import { figure, IconButton, isApple, Kbd, Mark, Menu, Slant, Tooltip } from "@/shared";
import { offerOf, useKeys } from "./actions";
import { DeskMenu } from "./desk-menu";
import { Foot } from "./foot";
import { pathOf, useGo } from "./go";
import { type PlaceDef, places, quietPlaces } from "./places";
import { sayProblem } from "./problem";

/** Organization, search, places with counts, personas with slants, settings, and the foot. */
export function Sidebar({ overview, rail }: { overview: Overview | undefined; rail: boolean }) {
  const { t } = useTranslation();
  const isMirror = useIsMirror();
  const shown = places.filter((place) => !(isMirror && place.atServer));
  return (
    <nav
      aria-label={t("shell.navigation")}
      className={clsx(
        "flex h-full shrink-0 flex-col border-r border-line bg-bg select-none",
        rail ? "w-14" : "w-[216px]",
      )}
    >
      {isDesktop && isApple ? <div data-tauri-drag-region className="h-9 shrink-0" /> : null}
      <Organization overview={overview} rail={rail} />
      <SearchEntry rail={rail} />
      {/* Low windows scroll what lies between the search and the foot. */}
      <div className="flex min-h-0 flex-1 flex-col overflow-x-hidden overflow-y-auto">
        <ul className="mt-2 flex flex-col gap-px px-2 pt-1">
          {shown.map((place) => (
            <NavItem key={place.where.type} place={place} counts={overview?.counts} rail={rail} />
          ))}
        </ul>
        <Personas overview={overview} rail={rail} />
        <ul className="mt-auto flex flex-col gap-px px-2 pt-2 pb-2">
          {quietPlaces.map((place) => (
            <NavItem key={place.where.type} place={place} counts={undefined} rail={rail} />
          ))}
        </ul>
      </div>
      <Foot overview={overview} rail={rail} />
    </nav>
  );
}

function Organization({ overview, rail }: { overview: Overview | undefined; rail: boolean }) {
  const { t } = useTranslation();
  const save = useAct<"save_settings">();
  const settings = useAnswer({ type: "settings" }).data?.settings;
  const { door, desk } = useCore();
  const isMirror = useIsMirror();
  const joined = useOrganizations()?.joined.length ?? 0;
  const own = !isMirror && joined > 0 ? t("desk.own") : "";
  const name = overview?.organization || own;
  const people = overview?.people ?? [];
  const asWhom = !isMirror && people.length > 1 ? (overview?.me?.name ?? "") : name;
  const colleagues =
    isMirror || people.length < 2 || !settings
      ? []
      : people.map((person) => ({
          id: person.id,
          label: person.name,
          hint: person.me ? t("shell.you") : t(`role.${person.role}`),
          onSelect: () =>
            save.mutate({
              act: { type: "save_settings", settings: { ...settings, person: person.id } },
            }),
        }));
  const shape =
    "mx-2 mt-2 flex h-9 shrink-0 items-center gap-1.5 rounded-control pr-1.5 pl-2 text-left";
  if (desk) {
    return rail ? (
      <div className="flex h-11 shrink-0 items-center justify-center">
        <DeskMenu
          desk={desk}
          shape={shape}
          face={<Mark size={18} />}
          name={asWhom || t("desk.own")}
          people={colleagues}
          rail
        />
      </div>
    ) : (
      <DeskMenu
        desk={desk}
        shape={shape}
        face={<Face name={asWhom} />}
        name={asWhom || t("desk.own")}
        people={colleagues}
        rail={false}
      />
    );
  }
  if (rail) {
    return (
      <div className="flex h-11 shrink-0 items-center justify-center" title={name}>
        <Mark size={18} />
      </div>
    );
  }
  const face = <Face name={asWhom} />;
  if (overview?.signed_in === true && door) {
    return <Doors door={door} shape={shape} face={face} name={overview.me?.name ?? ""} />;
  }
  if (colleagues.length === 0) return <div className={shape}>{face}</div>;
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t("shell.who", { name: overview?.me?.name ?? "" })}
          className={clsx(shape, "hover:bg-hover")}
        >
          {face}
          <ChevronDown size={14} strokeWidth={1.75} aria-hidden className="ml-auto text-text-3" />
        </button>
      }
      groups={[colleagues]}
    />
  );
}

function Face({ name }: { name: string }) {
  return (
    <>
      <Mark size={18} />
      <span className="font-strong text-text">Rostrum</span>
      <span className="ellipsis text-text-2">{name}</span>
    </>
  );
}

/** The organizations of a login, and the way out. */
function Doors({
  door,
  shape,
  face,
  name,
}: {
  door: Door;
  shape: string;
  face: ReactNode;
  name: string;
}) {
  const { t } = useTranslation();
  const me = useQuery({ queryKey: ["door", "me"], queryFn: () => door.me() });
  const places = me.data?.organizations ?? [];
  const current = door.organization ?? places[0]?.organization;
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t("shell.door", { name })}
          className={clsx(shape, "hover:bg-hover")}
        >
          {face}
          <ChevronDown size={14} strokeWidth={1.75} aria-hidden className="ml-auto text-text-3" />
        </button>
      }
      groups={[
        places.map((place) => ({
          id: place.organization,
          label: place.organization_name,
          hint: place.organization === current ? t("shell.here") : t(`role.${place.role}`),
          onSelect: () => door.enter(place.organization),
        })),
        [
          {
            id: "sign-out",
            label: t("login.sign_out"),
            onSelect: () => void door.signOut().catch(sayProblem),
          },
        ],
      ]}
    />
  );
}

function SearchEntry({ rail }: { rail: boolean }) {
  const { t } = useTranslation();
  const keys = useKeys("window.palette");
  const open = () => offerOf("window.palette")?.run();
  if (rail) {
    return (
      <div className="flex justify-center px-2">
        <IconButton
          kind="plain"
          label={t("shell.search")}
          icon={<Search size={16} strokeWidth={1.75} aria-hidden />}
          className="h-[30px] w-full"
          onClick={open}
          {...(keys ? { keys } : {})}
        />
      </div>
    );
  }
  return (
    <button
      type="button"
      onClick={open}
      className="mx-2 flex h-[30px] shrink-0 items-center gap-1.5 rounded-control bg-raised pr-1.5 pl-2 text-text-2 shadow-[inset_0_0_0_1px_var(--line-2)] hover:bg-hover"
    >
      <Search size={15} strokeWidth={1.75} aria-hidden className="ml-0.5 text-text-3" />
      <span className="ellipsis flex-1 text-left">{t("shell.search")}</span>
      {keys ? <Kbd keys={keys} /> : null}
    </button>
  );
}

function NavItem({
  place,
  counts,
  rail,
}: {
  place: PlaceDef;
  counts: Overview["counts"] | undefined;
  rail: boolean;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const path = pathOf(place.where);
  const current = useRouterState({
    select: ({ location }) =>
      location.pathname === path || location.pathname.startsWith(`${path}/`),
  });
  const count = place.count && counts ? counts[place.count] : 0;
  const Icon = place.icon;
  const word = t(place.words);
  const link = (
    <a
      href={`#${path}`}
      onClick={(event) => {
        event.preventDefault();
        go(place.where);
      }}
      aria-current={current ? "page" : undefined}
      aria-label={count > 0 ? t("shell.place_count", { place: word, count }) : word}
      className={clsx(
        "relative flex items-center rounded-control no-underline! transition-colors duration-80",
        rail ? "h-8 justify-center" : "h-7 gap-2.5 px-2",
        current ? "selected bg-selected text-text" : "text-text-2 hover:bg-hover",
      )}
    >
      {current ? (
        <Slant height={14} className="absolute top-1/2 left-[1.5px] -translate-y-1/2" />
      ) : null}
      <span className="relative ml-0.5 shrink-0">
        <Icon
          size={16}
          strokeWidth={1.75}
          aria-hidden
          className={current ? "text-accent-text" : "text-text-2"}
        />
        {rail && count > 0 ? (
          <span className="absolute -top-1 -right-2 size-1.5 rounded-full bg-accent" />
        ) : null}
      </span>
      {rail ? null : (
        <>
          <span className={clsx("ellipsis flex-1", current && "font-strong")}>{word}</span>
          {count > 0 ? (
            <span className={clsx("tnum", current ? "font-medium" : "text-text-3")}>
              {figure(count)}
            </span>
          ) : null}
        </>
      )}
    </a>
  );
  return <li>{rail ? <Tooltip text={word}>{link}</Tooltip> : link}</li>;
}

function Personas({ overview, rail }: { overview: Overview | undefined; rail: boolean }) {
  const { t } = useTranslation();
  const go = useGo();
  const chosen = useRouterState({
    select: ({ location }) =>
      location.pathname === "/queue"
        ? (location.search as { persona?: string }).persona
        : undefined,
  });
  const personas = overview?.personas ?? [];
  if (personas.length === 0) return null;
  return (
    <div
      className={clsx("min-h-0 overflow-y-auto", rail ? "mt-3 border-t border-line pt-3" : "mt-3")}
    >
      {rail ? null : (
        <h2 className="px-[18px] pt-2 pb-1.5 text-meta font-medium text-text-3">
          {t("shell.personas")}
        </h2>
      )}
      <ul className="flex flex-col gap-px px-2 pb-1">
        {personas.map(({ persona, open, paused }) => {
          const current = chosen === persona.id;
          const item = (
            <button
              type="button"
              aria-label={t("shell.persona_count", { name: persona.name, count: open })}
              aria-current={current ? "page" : undefined}
              onClick={() => go({ type: "queue", search: current ? {} : { persona: persona.id } })}
              className={clsx(
                "flex w-full items-center rounded-control text-left text-text-2 hover:bg-hover",
                rail ? "h-8 justify-center" : "h-7 gap-2.5 pr-2 pl-3",
                current && "bg-selected text-text",
              )}
            >
              <Slant hue={persona.hue} height={rail ? 13 : 12} />
              {rail ? null : (
                <>
                  <span className="ellipsis flex-1">{persona.name}</span>
                  <span className="tnum text-text-3">
                    {paused ? t("shell.paused") : open > 0 ? figure(open) : ""}
                  </span>
                </>
              )}
            </button>
          );
          return (
            <li key={persona.id}>{rail ? <Tooltip text={persona.name}>{item}</Tooltip> : item}</li>
          );
        })}
      </ul>
    </div>
  );
}
