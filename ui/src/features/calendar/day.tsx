import { useDroppable } from "@dnd-kit/core";
import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { CalendarEntry, FreeSlot } from "@/bindings";
import { hueClass, Popover, Slant } from "@/shared";
import { SHADES, stepAt } from "@/shared/best-hours";
import { clock, longDay, minuteOfDay, tinyDay } from "@/shared/time";
import { useCalendar } from "./context";
import { Entry } from "./entry";
import { instantOf, wallAt } from "./hours";
import { type Day, isoWeekday, monthOf } from "./month";
import { entryKey, foremost, layoutOf } from "./moving";

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
  const { today, zone } = useCalendar();
  const past = day < today;
  const { setNodeRef } = useDroppable({ id: `day:${day}`, data: { day }, disabled: past });
  const inside = monthOf(day) === month;
  const layout = layoutOf(entries.length + (ghost ? 1 : 0), past ? 0 : free.length);
  const shown = foremost(entries, ghost ? Math.max(1, layout.shown - 1) : layout.shown);
  const noon = `${day}T12:00:00Z`;
  const label = t("calendar.day_name", { day: longDay(noon, "UTC"), count: entries.length });
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
            entries={entries}
            hidden={entries.filter((one) => !shown.includes(one))}
            tab={focused}
          />
        ) : null}
      </div>
      <Hours day={day} entries={entries} free={past ? [] : free} zone={zone} />
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

/** Entries for which there is no room, behind a button that counts them. */
export function More({
  day,
  entries,
  hidden,
  tab,
}: {
  day: Day;
  /** All that the list behind it shows. */
  entries: readonly CalendarEntry[];
  /** Those that are not shown beside it. */
  hidden: readonly CalendarEntry[];
  tab: boolean;
}) {
  const { t } = useTranslation();
  const more = hidden.length;
  const published = hidden.filter((one) => one.status === "published").length;
  return (
    <Popover
      label={longDay(`${day}T12:00:00Z`, "UTC")}
      className="w-80"
      trigger={
        <button
          type="button"
          data-entry={`more:${day}`}
          tabIndex={tab ? 0 : -1}
          className="h-5 rounded-key px-2 text-left text-axis text-text-2 outline-offset-0! hover:bg-hover"
        >
          {published > 0
            ? t("calendar.more_published", { count: more, published })
            : t("calendar.more", { count: more })}
        </button>
      }
    >
      {() => (
        <>
          <p className="mb-1 font-strong">{longDay(`${day}T12:00:00Z`, "UTC")}</p>
          <div className="flex flex-col">
            {entries.map((entry) => (
              <Entry key={entryKey(entry)} entry={entry} form="two" tab />
            ))}
          </div>
        </>
      )}
    </Popover>
  );
}

const LINE = Array.from({ length: 16 }, (_, hour) => hour + 6);

/** The hours from 6 to 22: best hours shaded, a mark on free slots, a slant where posts stand. */
function Hours({
  day,
  entries,
  free,
  zone,
}: {
  day: Day;
  entries: readonly CalendarEntry[];
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
      {entries.map((entry) => (
        <span
          key={entryKey(entry)}
          className={clsx(
            hueClass(entry.persona.hue),
            "absolute -top-0.5 h-[7px] w-[3px] -skew-x-[14deg] rounded-[1px] bg-persona",
          )}
          style={{ left: place(minuteOfDay(entry.planned.at, zone)) }}
        />
      ))}
    </div>
  );
}
