import type { CalendarEntry, FreeSlot } from "@/bindings";
import { dayKey } from "@/shared/time";
import type { View } from "./context";
import { type Day, daysBetween, plusDays } from "./month";

/** The wall time after a move by whole days of the calendar that is shown. */
export function wallOnDay(entry: CalendarEntry, day: Day, zone: string): string {
  const { wall, at } = entry.planned;
  const by = daysBetween(dayKey(at, zone), day);
  return `${plusDays(wall.slice(0, 10), by)}T${wall.slice(11, 16)}`;
}

/** What a time means for the approval of an entry. */
export type Cover = "stays" | "lost" | "none";

/** Approved times may move later within the tolerance, never earlier. */
export function coverOf(entry: CalendarEntry, at: number): Cover {
  if (!entry.covered_until) return "none";
  return at >= Date.parse(entry.planned.at) && at <= Date.parse(entry.covered_until)
    ? "stays"
    : "lost";
}

/** A guess of the instant of a wall time, until the core has resolved it. */
export function roughInstant(entry: CalendarEntry, wall: string): number {
  const by =
    Date.parse(`${wall.slice(0, 16)}Z`) - Date.parse(`${entry.planned.wall.slice(0, 16)}Z`);
  return Date.parse(entry.planned.at) + by;
}

/** The free slot of the entry's persona on a day, if there is one: what is dropped snaps to it. */
export function slotOn(
  free: readonly FreeSlot[],
  entry: CalendarEntry,
  day: Day,
  zone: string,
): FreeSlot | undefined {
  return free.find(
    (slot) => slot.persona === entry.persona.id && dayKey(slot.planned.at, zone) === day,
  );
}

/** The next free slot of the entry's persona after its time. */
export function nextSlot(free: readonly FreeSlot[], entry: CalendarEntry): FreeSlot | undefined {
  return [...free]
    .filter(
      (slot) =>
        slot.persona === entry.persona.id &&
        Date.parse(slot.planned.at) > Date.parse(entry.planned.at),
    )
    .sort((a, b) => a.planned.at.localeCompare(b.planned.at))[0];
}

/** One entry is one content at one time. */
export const entryKey = (entry: CalendarEntry): string => `${entry.content}@${entry.planned.at}`;

/** Things by the day on which they stand in a zone, each day by time. */
export function grouped<T extends CalendarEntry | FreeSlot>(
  items: readonly T[],
  zone: string,
): Map<Day, T[]> {
  const days = new Map<Day, T[]>();
  for (const item of [...items].sort((a, b) => a.planned.at.localeCompare(b.planned.at))) {
    const day = dayKey(item.planned.at, zone);
    const list = days.get(day);
    if (list) list.push(item);
    else days.set(day, [item]);
  }
  return days;
}

/** More entries than these a day of the month never shows. */
export const MOST_SHOWN = 4;

/** How many lines a day shows, and in which form. */
export function layoutOf(
  count: number,
  free: number,
): { form: "two" | "one"; shown: number; more: number; free: number } {
  if (count <= 2) return { form: "two", shown: count, more: 0, free: Math.min(free, 2 - count) };
  if (count <= MOST_SHOWN)
    return {
      form: "one",
      shown: count,
      more: 0,
      free: Math.min(free, MOST_SHOWN - count),
    };
  return { form: "one", shown: 3, more: count - 3, free: 0 };
}

/** So many of a day's entries, by time; which ones, the core has ranked. */
export function foremost(entries: readonly CalendarEntry[], count: number): CalendarEntry[] {
  const chosen = new Set([...entries].sort((a, b) => a.rank - b.rank).slice(0, count));
  return entries.filter((entry) => chosen.has(entry));
}

/** What a key moves, beside Alt: by days across, and by weeks or by half hours up and down. */
export function stepOf(
  key: string,
  view: View,
): { days: number } | { minutes: number } | undefined {
  switch (key) {
    case "ArrowLeft":
      return { days: -1 };
    case "ArrowRight":
      return { days: 1 };
    case "ArrowUp":
      return view === "week" ? { minutes: -30 } : { days: -7 };
    case "ArrowDown":
      return view === "week" ? { minutes: 30 } : { days: 7 };
    default:
      return undefined;
  }
}
