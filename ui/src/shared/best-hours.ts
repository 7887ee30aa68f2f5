import type { BestHours, HourEffect } from "@/bindings";

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;

/** The hour of the week (UTC) in which an instant lies; 0 is Monday, 00:00 to 01:00. */
export function hourOfWeek(at: number): number {
  // 1 January 1970 was a Thursday.
  const hours = Math.floor(at / HOUR_MS) + 3 * 24;
  return ((hours % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
}

/** The mean over several personas, in the steps that are drawn. */
export function stepAt(known: readonly BestHours[], at: number): number {
  if (known.length === 0) return 0;
  const hour = hourOfWeek(at);
  const sum = known.reduce((all, one) => all + (one.hours[hour]?.step ?? 0), 0);
  return Math.round(sum / known.length);
}

/** What is known of an hour of one persona. */
export function effectAt(known: BestHours | undefined, at: number): HourEffect | undefined {
  return known?.hours[hourOfWeek(at)];
}

/** The next instants at which the strongest hours begin, best first. */
export function nextStrongest(known: BestHours, now: number, count: number): number[] {
  const next = Math.ceil(now / HOUR_MS) * HOUR_MS;
  return known.strongest.slice(0, count).map((hour) => {
    const away = (hour - hourOfWeek(next) + WEEK_HOURS) % WEEK_HOURS;
    return next + away * HOUR_MS;
  });
}

/** How strongly an hour of each step is shaded, from 0 to 1. */
export const SHADES = [0, 0.05, 0.1, 0.17, 0.28] as const;

/** `+40 %`, `−10 %` */
export function signed(percent: number): string {
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent)}\u202f%`;
}
