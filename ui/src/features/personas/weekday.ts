import { weekday } from "@/shared/time";

/** A Monday at noon; ISO weekdays count from it. */
const MONDAY = Date.UTC(2024, 0, 1, 12);

/** `Mon` for 1. */
export function weekdayName(day: number): string {
  return weekday(MONDAY + (day - 1) * 86_400_000, "UTC");
}

/** `11:30` for 690. */
export function wallOf(minute: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** 690 for `11:30`; nothing for what is no time of day. */
export function minuteOf(wall: string): number | undefined {
  const found = /^(\d{1,2}):(\d{2})$/.exec(wall.trim());
  if (!found) return undefined;
  const minute = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[1]) < 24 && Number(found[2]) < 60 ? minute : undefined;
}
