import { useDroppable } from "@dnd-kit/core";
import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { CalendarEntry, DayMark, FreeSlot } from "@/bindings";
import { useAnswer } from "@/data";
import { hueClass, Popover, SkeletonRows, Slant } from "@/shared";
import { SHADES, stepAt } from "@/shared/best-hours";
import { clock, longDay, minuteOfDay, tinyDay } from "@/shared/time";
import { ProblemState } from "@/shell/problem";
import { useCalendar } from "./context";
import { Entry } from "./entry";
import { instantOf, wallAt } from "./hours";
import { type Day, isoWeekday, monthOf, rangeOf } from "./month";
import { entryKey, foremost, grouped, layoutOf, MOST_SHOWN } from "./moving";

const FROM = 6 * 60;
const SPAN = 16 * 60;
const place = (minute: number) => `${(Math.min(Math.max(minute - FROM, 0), SPAN) / SPAN) * 100}%`;

/** What a day would get if what is dragged were dropped here. */
export interface Ghost {
  time: string;
  /** It snaps to a free slot. */
  slot: boolean;
  entry: CalendarEntry;
}

/** One day of the month: its number, its entries, free slots, and the line of its hours. */
export function DayCell({
  day,
  month,
  entries,
  free,
  focused,
  ghost,
  onFocus,
}: {
  day: Day;
  month: string;
  entries: readonly CalendarEntry[];
  free: readonly FreeSlot[];
  focused: boolean;
  ghost: Ghost | undefined;
  onFocus: () => void;
}) {
  const { t } = useTranslation();
  const { today, zone, inShort } = useCalendar();
  const past = day < today;
  const { setNodeRef } = useDroppable({ id: `day:${day}`, data: { day }, disabled: past });
  const inside = monthOf(day) === month;
  const short = inShort.get(day);
  // An entry that is being moved is not counted anew before the core has done it.
  const count = short && short.count > MOST_SHOWN ? short.count : entries.length;
  const layout = layoutOf(count + (ghost ? 1 : 0), past ? 0 : free.length);
  const shown = foremost(entries, ghost ? Math.max(1, layout.shown - 1) : layout.shown);
  const noon = `${day}T12:00:00Z`;
  const label = t("calendar.day_name", { day: longDay(noon, "UTC"), count });
  return (
    <div
      ref={setNodeRef}
      role="gridcell"
      data-day={day}
      tabIndex={focused ? 0 : -1}
      aria-label={label}
      aria-current={day === today ? "date" : undefined}
      onFocus={(event) => {
        if (event.target === event.currentTarget) onFocus();
      }}
      className={clsx(
        "relative flex min-h-28 min-w-0 flex-col border-r border-b border-line px-1 pt-1 pb-3 outline-offset-[-2px]!",
        isoWeekday(day) > 5 && "bg-inset",
        ghost && "bg-accent-soft shadow-[inset_0_0_0_2px_var(--accent)]",
      )}
    >
      <div className="flex h-5 items-center gap-1.5 px-1">
        <span
          className={clsx(
            "tnum text-meta",
            inside || day === today ? "font-strong text-text" : "text-text-3",
          )}
        >
          {day.endsWith("-01") ? tinyDay(noon, "UTC") : Number(day.slice(8))}
        </span>
        {day === today ? (
          <>
            <span aria-hidden className="size-1.5 rounded-full bg-brass" />
            <span className="text-axis text-text-2">{t("calendar.today")}</span>
          </>
        ) : null}
      </div>
      <div className="flex min-w-0 flex-col">
        {ghost ? <GhostSlot ghost={ghost} /> : null}
        {shown.map((entry) => (
          <Entry key={entryKey(entry)} entry={entry} form={layout.form} tab={focused} />
        ))}
        {ghost
          ? null
          : free.slice(0, layout.free).map((slot) => <Free key={slot.planned.at} slot={slot} />)}
        {layout.more > 0 && !ghost ? (
          <More
            day={day}
            count={count - shown.length}
            published={(short?.published ?? 0) - publishedOf(shown)}
            tab={focused}
          >
            {() => <WholeDay day={day} />}
          </More>
        ) : null}
      </div>
      <Hours day={day} marks={short?.marks ?? []} free={past ? [] : free} zone={zone} />
    </div>
  );
}

function GhostSlot({ ghost }: { ghost: Ghost }) {
  const { t } = useTranslation();
  return (
    <div className="mx-1 mb-px flex h-5 items-center gap-1.5 rounded-key border border-dashed border-accent px-1 text-meta text-accent-text">
      <Slant hue={ghost.entry.persona.hue} height={11} />
      <span className="tnum">{ghost.time}</span>
      {ghost.slot ? <span className="ellipsis">{t("calendar.free_slot")}</span> : null}
    </div>
  );
}

function Free({ slot }: { slot: FreeSlot }) {
  const { t } = useTranslation();
  const { zone, hueOf } = useCalendar();
  const hue = hueOf(slot.persona);
  return (
    <p className="mx-1 mt-0.5 flex h-[18px] items-center gap-1.5 rounded-key border border-dashed border-line-2 px-1 text-axis text-text-3">
      {hue ? <Slant hue={hue} height={10} className="mx-0.5" /> : null}
      <span className="tnum">{clock(slot.planned.at, zone)}</span>
      <span className="ellipsis">{t("calendar.free")}</span>
    </p>
  );
}

/** How many of them are out. */
export const publishedOf = (entries: readonly CalendarEntry[]): number =>
  entries.filter((one) => one.status === "published").length;

/** Entries for which there is no room, behind a button that counts them. */
export function More({
  day,
  count,
  published,
  tab,
  children,
}: {
  day: Day;
  /** How many are not shown beside it. */
  count: number;
  /** How many of them are out. */
  published: number;
  tab: boolean;
  /** The list behind it. */
  children: () => React.ReactNode;
}) {
  const { t } = useTranslation();
  const name = longDay(`${day}T12:00:00Z`, "UTC");
  return (
    <Popover
      label={name}
      className="w-80"
      trigger={
        <button
          type="button"
          data-entry={`more:${day}`}
          tabIndex={tab ? 0 : -1}
          className="ellipsis h-5 max-w-full rounded-key px-2 text-left text-axis text-text-2 outline-offset-0! hover:bg-hover"
        >
          {published > 0
            ? t("calendar.more_published", { count, published })
            : t("calendar.more", { count })}
        </button>
      }
    >
      {() => (
        <>
          <p className="mb-1 font-strong">{name}</p>
          {children()}
        </>
      )}
    </Popover>
  );
}

/** Entries one under the other, as far as the window is high. */
export function EntryList({ entries }: { entries: readonly CalendarEntry[] }) {
  return (
    <div className="flex max-h-[60vh] flex-col overflow-y-auto">
      {entries.map((entry) => (
        <Entry key={entryKey(entry)} entry={entry} form="two" tab />
      ))}
    </div>
  );
}

/** All that stands on a day: asked for when somebody wants to see it. */
function WholeDay({ day }: { day: Day }) {
  const { t } = useTranslation();
  const { zone, filter } = useCalendar();
  const answer = useAnswer({ type: "calendar", ...rangeOf(day, day), ...filter }, { keep: true });
  if (answer.error && !answer.data)
    return <ProblemState error={answer.error} onAgain={() => void answer.refetch()} />;
  if (!answer.data) return <SkeletonRows rows={4} height={32} label={t("common.reading")} />;
  return <EntryList entries={grouped(answer.data.entries, zone).get(day) ?? []} />;
}

const LINE = Array.from({ length: 16 }, (_, hour) => hour + 6);

/** The hours from 6 to 22: best hours shaded, a mark on free slots, a slant where posts stand. */
function Hours({
  day,
  marks,
  free,
  zone,
}: {
  day: Day;
  marks: readonly DayMark[];
  free: readonly FreeSlot[];
  zone: string;
}) {
  const { best } = useCalendar();
  return (
    <div aria-hidden className="absolute inset-x-2 bottom-1.5 h-[3px] rounded-full bg-hover">
      {best.length === 0
        ? null
        : LINE.map((hour) => {
            const step = stepAt(best, instantOf(wallAt(day, hour * 60 + 30), zone));
            return step > 0 ? (
              <span
                key={hour}
                className="absolute h-full w-[calc(6.25%-1px)] bg-heat"
                style={{ left: place(hour * 60), opacity: (SHADES[step] ?? 0) * 2.8 }}
              />
            ) : null;
          })}
      {free.map((slot) => (
        <span
          key={`${slot.persona}${slot.planned.at}`}
          className="absolute -top-px h-[5px] w-px bg-text-3"
          style={{ left: place(minuteOfDay(slot.planned.at, zone)) }}
        />
      ))}
      {marks.map((mark) => (
        <span
          key={`${mark.minute}${mark.hue}`}
          className={clsx(
            hueClass(mark.hue),
            "absolute -top-0.5 h-[7px] w-[3px] -skew-x-[14deg] rounded-[1px] bg-persona",
          )}
          style={{ left: place(mark.minute) }}
        />
      ))}
    </div>
  );
}
