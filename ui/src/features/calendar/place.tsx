import { DndContext } from "@dnd-kit/core";
import { ChevronLeft, ChevronRight, FileText, Globe } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnswer, useAnswers } from "@/data";
import { languageOf } from "@/language";
import {
  Button,
  EmptyDayPicture,
  EmptyState,
  IconButton,
  networkName,
  PersonaName,
  Segmented,
  Select,
  SkeletonRows,
} from "@/shared";
import { dayKey, daysFromTo, machineZone, zoneCity } from "@/shared/time";
import { useNow } from "@/shared/use-now";
import { useActions, useKeys } from "@/shell/actions";
import { Bar, FilterRow, NewPost } from "@/shell/bar";
import { useGo } from "@/shell/go";
import { ProblemState } from "@/shell/problem";
import { useNarrow } from "@/shell/width";
import { Agenda } from "./agenda";
import { BestLegend } from "./best-legend";
import { CalendarContext, type CalendarView, type View } from "./context";
import { MonthGrid } from "./grid";
import { plusMinutes } from "./hours";
import {
  type Day,
  firstWeekday,
  monthOf,
  plusDays,
  plusMonths,
  rangeOf,
  weekOf,
  weeksOf,
} from "./month";
import { entryKey, grouped, MOST_SHOWN, wallOnDay } from "./moving";
import { useMove } from "./use-move";
import { WeekGrid } from "./week-grid";

const ALL = "all";
/** Best hours of more personas at once would say nothing of any of them. */
const MOST_PERSONAS = 6;
const BEST = "rostrum.calendar.best";

/** A month, a week or a list: what stands when, what is free, and every way to move it. */
export function Calendar() {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const now = useNow();
  const single = useNarrow("single");
  const here = machineZone();
  const [zone, setZone] = useState(here);
  const [persona, setPersona] = useState(ALL);
  const [network, setNetwork] = useState(ALL);
  const [view, setView] = useState<View>();
  const today = dayKey(now, zone);
  const [focus, setFocus] = useState<Day>(today);
  const [month, setMonth] = useState(() => monthOf(today));
  const first = useMemo(() => firstWeekday(languageOf(navigator.language)), []);
  const shownView = single ? "list" : (view ?? "month");
  const byWeek = shownView === "week";
  const weeks = useMemo(() => weeksOf(month, first), [month, first]);
  const week = useMemo(() => weekOf(focus, first), [focus, first]);
  const days = useMemo(() => (byWeek ? week : weeks.flat()), [byWeek, week, weeks]);
  const { from, to } = rangeOf(days[0] ?? today, days.at(-1) ?? today);
  const filter = {
    ...(persona === ALL ? {} : { persona }),
    ...(network === ALL ? {} : { network }),
  };
  const answer = useAnswer(
    {
      type: "calendar",
      from,
      to,
      ...filter,
      ...(shownView === "month" ? { foremost: { zone, each: MOST_SHOWN } } : {}),
    },
    { keep: true },
  );
  const overview = useAnswer({ type: "overview" }).data;
  const todayKeys = useKeys("calendar.today");
  const [shading, setShading] = useState(() => window.localStorage.getItem(BEST) !== "off");
  const voices = (overview?.personas ?? []).filter(
    (one) => persona === ALL || one.persona.id === persona,
  );
  // The clocks of an audience may change within a month; its middle speaks for it.
  const middle = `${days[byWeek ? 0 : Math.floor(days.length / 2)] ?? today}T12:00:00.000Z`;
  const known = useAnswers<"best_hours">(
    voices.length > MOST_PERSONAS || single
      ? []
      : voices.map((one) => ({ type: "best_hours", persona: one.persona.id, at: middle })),
  );
  const { moveTo, moveToWall, pending, settle } = useMove(zone);
  useFocusFollows(pending?.key);

  // What the core answers replaces what the window guessed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new answer settles
  useEffect(settle, [answer.dataUpdatedAt]);

  const showMonth = (next: string) => {
    setMonth(next);
    setFocus(monthOf(today) === next ? today : `${next}-01`);
  };
  const onFocus = (day: Day) => {
    setFocus(day);
    if (byWeek || !days.includes(day)) setMonth(monthOf(day));
  };
  const turn = (by: 1 | -1) =>
    byWeek ? onFocus(plusDays(focus, 7 * by)) : showMonth(plusMonths(month, by));
  const toToday = () => {
    setMonth(monthOf(today));
    setFocus(today);
  };
  useActions({ "calendar.today": toToday });

  const entries = useMemo(
    () =>
      (answer.data?.entries ?? []).map((entry) =>
        pending && entryKey(entry) === pending.key ? { ...entry, planned: pending.planned } : entry,
      ),
    [answer.data, pending],
  );
  const inShort = useMemo(
    () => new Map((answer.data?.days ?? []).map((one) => [one.day, one])),
    [answer.data],
  );
  const free = useMemo(
    () => (answer.data?.free ?? []).filter((slot) => slot.planned.at !== pending?.planned.at),
    [answer.data, pending],
  );
  const byDay = useMemo(() => grouped(entries, zone), [entries, zone]);
  const freeByDay = useMemo(() => grouped(free, zone), [free, zone]);

  const context: CalendarView = {
    zone,
    now,
    today,
    free,
    view: shownView,
    inShort,
    filter,
    best: shading ? known : [],
    hueOf: (id) => overview?.personas.find(({ persona: one }) => one.id === id)?.persona.hue,
    move: {
      to: (entry, planned) => void moveTo(entry, planned),
      toWall: (entry, wall) => void moveToWall(entry, wall),
      byDays: (entry, by) =>
        void moveToWall(
          entry,
          wallOnDay(entry, plusDays(dayKey(entry.planned.at, zone), by), zone),
        ),
      byMinutes: (entry, by) => void moveToWall(entry, plusMinutes(entry.planned.wall, by)),
    },
  };

  const zones = [...new Set([here, ...(overview?.personas.map((one) => one.zone) ?? [])])];
  const networks = answer.data?.networks ?? [];
  const title = byWeek
    ? daysFromTo(`${week[0]}T12:00:00Z`, `${week.at(-1)}T12:00:00Z`, "UTC")
    : monthTitle(month, i18n.language);
  const inSight = entries.some((one) => {
    const day = dayKey(one.planned.at, zone);
    return byWeek ? week.includes(day) : monthOf(day) === month;
  });
  const bare = answer.data && !inSight && free.length === 0;
  const choosePersona = (next: string) => {
    setPersona(next);
    // One persona's hours are those of its own zone.
    setZone(overview?.personas.find((one) => one.persona.id === next)?.zone ?? here);
  };

  return (
    <CalendarContext value={context}>
      <Bar
        title={title}
        views={
          <span className="flex items-center">
            <IconButton
              label={t(byWeek ? "calendar.previous_week" : "calendar.previous_month")}
              icon={<ChevronLeft size={16} strokeWidth={1.75} aria-hidden />}
              onClick={() => turn(-1)}
            />
            <Button
              kind="ghost"
              onClick={toToday}
              {...(todayKeys && !single ? { keys: todayKeys } : {})}
            >
              {t("calendar.today")}
            </Button>
            <IconButton
              label={t(byWeek ? "calendar.next_week" : "calendar.next_month")}
              icon={<ChevronRight size={16} strokeWidth={1.75} aria-hidden />}
              onClick={() => turn(1)}
            />
          </span>
        }
        actions={
          single ? undefined : (
            <Segmented
              label={t("calendar.view")}
              value={shownView}
              onChange={setView}
              options={[
                { value: "month", label: t("calendar.month") },
                { value: "week", label: t("calendar.week") },
                { value: "list", label: t("calendar.list") },
              ]}
            />
          )
        }
        newPost={!single}
      />
      <FilterRow
        aside={
          <>
            <BestLegend
              known={known}
              names={new Map(voices.map((one) => [one.persona.id, one.persona.name]))}
              zone={zone}
              now={now}
              on={shading}
              onChange={(on) => {
                setShading(on);
                window.localStorage.setItem(BEST, on ? "on" : "off");
              }}
            />
            {answer.data && answer.data.unplanned > 0 && !single ? (
              <Button
                size="row"
                kind="ghost"
                icon={<FileText size={13} strokeWidth={2} aria-hidden />}
                onClick={() =>
                  go({
                    type: "queue",
                    search: { view: "drafts", ...(persona === ALL ? {} : { persona }) },
                  })
                }
              >
                {t("calendar.unplanned", { count: answer.data.unplanned })}
              </Button>
            ) : null}
            {zones.length > 1 ? (
              <Select
                look="filter"
                label={t("calendar.zone")}
                lead={<Globe size={13} strokeWidth={1.75} aria-hidden />}
                value={zone}
                onChange={setZone}
                choices={zones.map((one) => ({ value: one, label: zoneCity(one) }))}
              />
            ) : (
              <span className="inline-flex items-center gap-1.5 text-meta text-text-2 max-sm:hidden">
                <Globe size={13} strokeWidth={1.75} aria-hidden />
                {t("personas.time_of", { city: zoneCity(zone) })}
              </span>
            )}
          </>
        }
      >
        <Select
          look="filter"
          label={t("personas.list")}
          value={persona}
          onChange={choosePersona}
          choices={[
            { value: ALL, label: t("calendar.all_personas") },
            ...(overview?.personas ?? []).map(({ persona: one }) => ({
              value: one.id,
              label: <PersonaName name={one.name} hue={one.hue} />,
              name: one.name,
            })),
          ]}
        />
        <Select
          look="filter"
          label={t("calendar.networks")}
          value={network}
          onChange={setNetwork}
          choices={[
            { value: ALL, label: t("calendar.all_networks") },
            ...networks.map((one) => ({ value: one, label: networkName(one, t("network.site")) })),
          ]}
        />
      </FilterRow>
      {answer.error && !answer.data ? (
        <ProblemState error={answer.error} onAgain={() => void answer.refetch()} className="m-6" />
      ) : !answer.data ? (
        <SkeletonRows rows={6} height={96} label={t("common.reading")} />
      ) : bare ? (
        <EmptyState
          picture={<EmptyDayPicture />}
          title={t("calendar.empty", { when: title })}
          body={t("calendar.empty_body")}
          actions={<NewPost />}
        />
      ) : byWeek ? (
        <WeekGrid
          days={week}
          first={first}
          byDay={byDay}
          freeByDay={freeByDay}
          focus={focus}
          onFocus={onFocus}
          label={title}
        />
      ) : shownView === "month" ? (
        <MonthGrid
          weeks={weeks}
          month={month}
          first={first}
          byDay={byDay}
          freeByDay={freeByDay}
          focus={focus}
          onFocus={onFocus}
          label={title}
        />
      ) : (
        <DndContext>
          <Agenda
            days={days.filter((day) => monthOf(day) === month)}
            byDay={byDay}
            freeByDay={freeByDay}
          />
        </DndContext>
      )}
    </CalendarContext>
  );
}

/** Moved by keys, an entry is drawn anew elsewhere: the focus goes with it. */
function useFocusFollows(key: string | undefined) {
  useEffect(() => {
    if (!key) return;
    const content = key.slice(0, key.indexOf("@") + 1);
    if (document.activeElement && document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-entry^="${content}"]`)?.focus();
  });
}

/** `November 2026` */
function monthTitle(month: string, language: string): string {
  const format = new Intl.DateTimeFormat(language, {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  return format.format(new Date(`${month}-15T12:00:00Z`));
}
