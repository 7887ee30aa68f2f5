import { useDroppable } from "@dnd-kit/core";
import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import type { CalendarEntry, FreeSlot } from "@/bindings";
import { Slant } from "@/shared";
import { SHADES, stepAt } from "@/shared/best-hours";
import { clock, longDay, minuteOfDay, weekday } from "@/shared/time";
import { useGo } from "@/shell/go";
import { useCalendar } from "./context";
import { EntryList, More, publishedOf } from "./day";
import { Entry } from "./entry";
import { ENTRY_PX, HOUR_PX, inLanes, instantOf, pixels, wallAt } from "./hours";
import { type Day, isoWeekday } from "./month";
import { entryKey } from "./moving";

/** The name of a day above its column. */
export function DayHead({ day }: { day: Day }) {
  const { t } = useTranslation();
  const { today } = useCalendar();
  const noon = `${day}T12:00:00Z`;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: in a grid only the cells take the focus
    <div
      role="columnheader"
      className={clsx(
        "flex h-8 items-center gap-1.5 border-r border-line px-2 text-meta",
        isoWeekday(day) > 5 && "bg-inset",
      )}
    >
      <span className="text-text-2">{weekday(noon, "UTC")}</span>
      <span className="tnum font-strong">{Number(day.slice(8))}</span>
      {day === today ? (
        <>
          <span aria-hidden className="size-1.5 rounded-full bg-brass" />
          <span className="text-axis text-text-2 max-xl:sr-only">{t("calendar.today")}</span>
        </>
      ) : null}
    </div>
  );
}

/** What a column would get if what is dragged were dropped here. */
export interface HourGhost {
  entry: CalendarEntry;
  minute: number;
  /** It snaps to a free slot. */
  slot: boolean;
}

/** One day of the week: its hours, with entries and free slots where they stand. */
export function WeekDay({
  day,
  entries,
  free,
  focused,
  ghost,
  onFocus,
}: {
  day: Day;
  entries: readonly CalendarEntry[];
  free: readonly FreeSlot[];
  focused: boolean;
  ghost: HourGhost | undefined;
  onFocus: () => void;
}) {
  const { t } = useTranslation();
  const { today, zone, now } = useCalendar();
  const past = day < today;
  const { setNodeRef } = useDroppable({ id: `column:${day}`, data: { day }, disabled: past });
  const placed = inLanes(entries, (entry) => minuteOfDay(entry.planned.at, zone));
  return (
    <div
      ref={setNodeRef}
      role="gridcell"
      data-day={day}
      tabIndex={focused ? 0 : -1}
      aria-label={t("calendar.day_name", {
        day: longDay(`${day}T12:00:00Z`, "UTC"),
        count: entries.length,
      })}
      aria-current={day === today ? "date" : undefined}
      onFocus={(event) => {
        if (event.target === event.currentTarget) onFocus();
      }}
      className={clsx(
        "relative min-w-0 border-r border-line outline-offset-[-2px]!",
        isoWeekday(day) > 5 && "bg-inset",
        ghost && "bg-accent-soft",
      )}
      style={{
        height: 24 * HOUR_PX,
        backgroundImage: `repeating-linear-gradient(to bottom, transparent 0 ${HOUR_PX - 1}px, var(--line) ${HOUR_PX - 1}px ${HOUR_PX}px)`,
      }}
    >
      <Shading day={day} />
      {past
        ? null
        : free.map((slot) => <FreeHour key={slot.planned.at} slot={slot} tab={focused} />)}
      {placed.map(({ items, top, lane, lanes }) => {
        const [entry] = items;
        if (!entry) return null;
        return (
          <div
            key={entryKey(entry)}
            className="absolute z-[1] px-px"
            style={{
              top,
              left: `${(lane / lanes) * 100}%`,
              width: `${100 / lanes}%`,
              minHeight: ENTRY_PX,
            }}
          >
            {items.length > 1 ? (
              <More day={day} count={items.length} published={publishedOf(items)} tab={focused}>
                {() => <EntryList entries={items} />}
              </More>
            ) : (
              <div className="rounded-key bg-surface shadow-[0_0_0_1px_var(--line)]">
                <Entry entry={entry} form="two" tab={focused} />
              </div>
            )}
          </div>
        );
      })}
      {ghost ? (
        <div
          className="pointer-events-none absolute inset-x-px z-[2] flex items-start gap-1.5 rounded-key border border-dashed border-accent bg-accent-soft px-1 text-meta text-accent-text"
          style={{ top: pixels(ghost.minute), height: ENTRY_PX }}
        >
          <Slant hue={ghost.entry.persona.hue} height={11} className="mt-[3px]" />
          <span className="tnum">{wallAt(day, ghost.minute).slice(11)}</span>
          {ghost.slot ? <span className="ellipsis">{t("calendar.free_slot")}</span> : null}
        </div>
      ) : null}
      {day === today ? (
        <span
          aria-hidden
          className="pointer-events-none absolute inset-x-0 z-[2] border-t border-brass before:absolute before:-top-[3px] before:-left-px before:size-[5px] before:rounded-full before:bg-brass"
          style={{ top: pixels(minuteOfDay(now, zone)) }}
        />
      ) : null}
    </div>
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** The hours at which posts do well; what the legend says in words. */
function Shading({ day }: { day: Day }) {
  const { best, zone } = useCalendar();
  if (best.length === 0) return null;
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0">
      {HOURS.map((hour) => {
        const shade = SHADES[stepAt(best, instantOf(wallAt(day, hour * 60 + 30), zone))] ?? 0;
        return shade > 0 ? (
          <span
            key={hour}
            data-shade={shade}
            className="absolute inset-x-0 bg-heat"
            style={{ top: pixels(hour * 60), height: HOUR_PX - 1, opacity: shade }}
          />
        ) : null;
      })}
    </div>
  );
}

/** A posting slot that nothing fills yet; pressing it writes for it. */
function FreeHour({ slot, tab }: { slot: FreeSlot; tab: boolean }) {
  const { t } = useTranslation();
  const { zone, hueOf } = useCalendar();
  const go = useGo();
  const hue = hueOf(slot.persona);
  const time = clock(slot.planned.at, zone);
  return (
    <button
      type="button"
      data-entry={`free:${slot.persona}@${slot.planned.at}`}
      tabIndex={tab ? 0 : -1}
      aria-label={t("calendar.write_for_slot", { time })}
      onClick={() =>
        go({
          type: "write",
          persona: slot.persona,
          at: slot.planned.wall,
          zone: slot.planned.zone,
        })
      }
      className="absolute inset-x-1 flex h-[22px] items-center gap-1.5 rounded-key border border-dashed border-line-2 px-1 text-axis text-text-3 outline-offset-0! hover:bg-hover hover:text-text-2"
      style={{ top: pixels(minuteOfDay(slot.planned.at, zone)) }}
    >
      {hue ? <Slant hue={hue} height={10} className="mx-0.5" /> : null}
      <span className="tnum">{time}</span>
      <span className="ellipsis">{t("calendar.free")}</span>
    </button>
  );
}
