/**
 * Instants as people read them. The core sends RFC 3339 with milliseconds in UTC; a zone is always
 * named, because a persona's day is not the machine's.
 */

/** The zone of this computer. */
export function machineZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, locale?: string): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    formats.set(key, made);
  }
  return made;
}

let locale = "en-GB";

/** The language whose dates are shown; "en" alone means day before month and 24 hours. */
export function setTimeLocale(language: string): void {
  locale = language === "en" ? "en-GB" : language;
}

type When = string | number | Date;
const date = (when: When) => (when instanceof Date ? when : new Date(when));

/** `09:42` */
export function clock(when: When, zone: string): string {
  return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }, locale)
    .format(date(when))
    .replace(/^24/, "00");
}

/** `2026-11-23`, the day in the zone; days compare as text. */
export function dayKey(when: When, zone: string): string {
  return format(
    { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone },
    "sv-SE",
  ).format(date(when));
}

/** Minutes after midnight on the wall of the zone. */
export function minuteOfDay(when: When, zone: string): number {
  const [hour = "0", minute = "0"] = clock(when, zone).split(":");
  return Number(hour) * 60 + Number(minute);
}

/** `Monday 23 November` */
export function longDay(when: When, zone: string): string {
  return format({ weekday: "long", day: "numeric", month: "long", timeZone: zone }, locale)
    .format(date(when))
    .replace(",", "");
}

/** `Tue 24 November` */
export function mediumDay(when: When, zone: string): string {
  return format({ weekday: "short", day: "numeric", month: "long", timeZone: zone }, locale)
    .format(date(when))
    .replace(",", "");
}

/** `Mon 23 Nov`, with the year when it is not this one. */
export function shortDay(when: When, zone: string, now: When = Date.now()): string {
  const same = dayKey(when, zone).slice(0, 4) === dayKey(now, zone).slice(0, 4);
  return format(
    {
      weekday: "short",
      day: "numeric",
      month: "short",
      ...(same ? {} : { year: "numeric" }),
      timeZone: zone,
    },
    locale,
  )
    .format(date(when))
    .replace(",", "");
}

/** `16 Nov` */
export function tinyDay(when: When, zone: string): string {
  return format({ day: "numeric", month: "short", timeZone: zone }, locale).format(date(when));
}

/** `23 – 29 November 2026` */
export function daysFromTo(first: When, last: When, zone: string): string {
  return format(
    { day: "numeric", month: "long", year: "numeric", timeZone: zone },
    locale,
  ).formatRange(date(first), date(last));
}

/** `Fri` */
export function weekday(when: When, zone: string): string {
  return format({ weekday: "short", timeZone: zone }, locale).format(date(when));
}

/** `Thu 26, 18:00`: in a column of times of the coming weeks. */
export function dayAndClock(when: When, zone: string): string {
  const day = format({ day: "numeric", timeZone: zone }, locale).format(date(when));
  return `${weekday(when, zone)} ${day}, ${clock(when, zone)}`;
}

/** `18:00` today, `Thu 26, 18:00` on another day. */
export function soon(when: When, zone: string, now: When = Date.now()): string {
  return dayKey(when, zone) === dayKey(now, zone) ? clock(when, zone) : dayAndClock(when, zone);
}

/** `Berlin`: the place in a zone's name. */
export function zoneCity(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}

/** Whether two zones show different walls at that instant. */
export function zonesDiffer(a: string, b: string, when: When): boolean {
  return (
    a !== b && `${dayKey(when, a)} ${clock(when, a)}` !== `${dayKey(when, b)} ${clock(when, b)}`
  );
}

/** How long, in the largest unit that says it: minutes, hours, days. */
export function span(ms: number): { unit: "minute" | "hour" | "day"; count: number } {
  const minutes = Math.max(0, Math.round(Math.abs(ms) / 60_000));
  if (minutes < 60) return { unit: "minute", count: minutes };
  const hours = Math.round(minutes / 60);
  return hours < 48
    ? { unit: "hour", count: hours }
    : { unit: "day", count: Math.round(hours / 24) };
}

/** A number with the language's separators. */
export function figure(value: number): string {
  let made = numbers.get(locale);
  if (!made) {
    made = new Intl.NumberFormat(locale);
    numbers.set(locale, made);
  }
  return made.format(value);
}

const numbers = new Map<string, Intl.NumberFormat>();
