import { clock, dayKey } from "@/shared/time";
import type { Day } from "./month";

/** How high an hour of the week is. */
export const HOUR_PX = 48;
/** How high an entry is, and how many minutes that covers. */
export const ENTRY_PX = 36;
const ENTRY_MINUTES = (ENTRY_PX / HOUR_PX) * 60;
const DAY_MINUTES = 24 * 60;
/** What is dragged lands on quarters of an hour. */
const SNAP = 15;
/** A free slot so near draws what is dragged into it. */
const DRAWS = 20;
/** Side by side there is room for so many. */
const LANES = 3;

/** Minutes after midnight as pixels. */
export const pixels = (minutes: number): number => (minutes * HOUR_PX) / 60;

/** Where an entry stands in its day's column. */
export interface Placed<T> {
  items: readonly T[];
  /** Pixels from midnight. */
  top: number;
  lane: number;
  lanes: number;
}

/**
 * Entries of a day in lanes: those that would cover each other stand side by side. Where they are
 * too many, the last lane holds the rest together.
 */
export function inLanes<T>(
  items: readonly T[],
  minuteOf: (item: T) => number,
): readonly Placed<T>[] {
  const placed: Placed<T>[] = [];
  let cluster: { item: T; start: number; lane: number }[] = [];
  let ends: number[] = [];
  const settle = () => {
    const lanes = Math.min(ends.length, LANES);
    const rest = ends.length > LANES ? cluster.filter((one) => one.lane >= LANES - 1) : [];
    for (const { item, start, lane } of cluster) {
      if (rest.length > 0 && lane >= LANES - 1) continue;
      placed.push({ items: [item], top: pixels(start), lane, lanes });
    }
    if (rest[0]) {
      const items = rest.map((one) => one.item);
      placed.push({ items, top: pixels(rest[0].start), lane: LANES - 1, lanes });
    }
    cluster = [];
    ends = [];
  };
  const sorted = items
    .map((item) => ({ item, start: Math.min(minuteOf(item), DAY_MINUTES - ENTRY_MINUTES) }))
    .sort((a, b) => a.start - b.start);
  for (const { item, start } of sorted) {
    if (ends.every((end) => end <= start)) settle();
    const free = ends.findIndex((end) => end <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = start + ENTRY_MINUTES;
    cluster.push({ item, start, lane });
  }
  settle();
  return placed;
}

/** Where a drag over so many pixels leads: the nearest quarter, or a free slot close by. */
export function draggedTo(minute: number, byPixels: number, slots: readonly number[]): number {
  const raw = minute + (byPixels * 60) / HOUR_PX;
  const slot = slots.find((one) => Math.abs(one - raw) <= DRAWS);
  const at = slot ?? Math.round(raw / SNAP) * SNAP;
  return Math.min(Math.max(at, 0), DAY_MINUTES - SNAP);
}

/** `2026-11-23T09:30` */
export function wallAt(day: Day, minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day}T${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** So many minutes later on the same wall; earlier when negative. */
export function plusMinutes(wall: string, minutes: number): string {
  return new Date(Date.parse(`${wall.slice(0, 16)}Z`) + minutes * 60_000)
    .toISOString()
    .slice(0, 16);
}

/** The instant of a wall time in a zone; where the clocks skip it, the one after the gap. */
export function instantOf(wall: string, zone: string): number {
  const asUtc = Date.parse(`${wall}Z`);
  const shown = (at: number) => Date.parse(`${dayKey(at, zone)}T${clock(at, zone)}Z`);
  const first = asUtc - (shown(asUtc) - asUtc);
  return first - (shown(first) - asUtc);
}

/** What the wall of a zone shows at an instant, `2026-11-23T09:30`. */
export function wallIn(at: number, zone: string): string {
  return `${dayKey(at, zone)}T${clock(at, zone)}`;
}

/** The hours of a day as another zone's clock shows them; `days` says whether it is another day. */
export function hoursElsewhere(
  day: Day,
  zone: string,
  other: string,
): readonly { time: string; days: -1 | 0 | 1 }[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const at = instantOf(wallAt(day, hour * 60), zone);
    const there = dayKey(at, other);
    return { time: clock(at, other), days: there > day ? 1 : there < day ? -1 : 0 };
  });
}
