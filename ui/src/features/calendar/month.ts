/** Days as text, `2026-11-23`: they compare and sort as they are. */
export type Day = string;

const MS = 86_400_000;
const ms = (day: Day) => Date.parse(`${day}T00:00:00Z`);
const dayOf = (at: number): Day => new Date(at).toISOString().slice(0, 10);

/** So many days later; earlier when negative. */
export function plusDays(day: Day, days: number): Day {
  return dayOf(ms(day) + days * MS);
}

/** Days from `a` to `b`. */
export function daysBetween(a: Day, b: Day): number {
  return Math.round((ms(b) - ms(a)) / MS);
}

/** 1 Monday to 7 Sunday. */
export function isoWeekday(day: Day): number {
  return new Date(ms(day)).getUTCDay() || 7;
}

/** The first day of the week as the language has it; Monday where it cannot be known. */
export function firstWeekday(locale: string): number {
  try {
    const info = new Intl.Locale(locale) as Intl.Locale & {
      getWeekInfo?: () => { firstDay: number };
      weekInfo?: { firstDay: number };
    };
    return info.getWeekInfo?.().firstDay ?? info.weekInfo?.firstDay ?? 1;
  } catch {
    return 1;
  }
}

/** `2026-11` */
export const monthOf = (day: Day): string => day.slice(0, 7);

/** The month before or after. */
export function plusMonths(month: string, months: number): string {
  const [year = 0, at = 1] = month.split("-").map(Number);
  const index = year * 12 + (at - 1) + months;
  return `${String(Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** The week in which a day lies. */
export function weekOf(day: Day, first: number): Day[] {
  const from = plusDays(day, -((isoWeekday(day) - first + 7) % 7));
  return Array.from({ length: 7 }, (_, n) => plusDays(from, n));
}

/** The weeks that a month touches, whole. */
export function weeksOf(month: string, first: number): Day[][] {
  const start = `${month}-01`;
  const end = `${plusMonths(month, 1)}-01`;
  const weeks: Day[][] = [];
  for (let week = weekOf(start, first); (week[0] ?? end) < end; ) {
    weeks.push(week);
    week = weekOf(plusDays(week[0] ?? end, 7), first);
  }
  return weeks;
}

/**
 * The instants around whole days, a day more on each side: the core filters by instant, and days
 * begin at another instant in each zone.
 */
export function rangeOf(first: Day, last: Day): { from: string; to: string } {
  return {
    from: `${plusDays(first, -1)}T00:00:00.000Z`,
    to: `${plusDays(last, 2)}T00:00:00.000Z`,
  };
}

/** Where a key leads in the grid. */
export function dayAfterKey(day: Day, key: string, first: number): Day | undefined {
  const inWeek = (isoWeekday(day) - first + 7) % 7;
  switch (key) {
    case "ArrowLeft":
      return plusDays(day, -1);
    case "ArrowRight":
      return plusDays(day, 1);
    case "ArrowUp":
      return plusDays(day, -7);
    case "ArrowDown":
      return plusDays(day, 7);
    case "Home":
      return plusDays(day, -inWeek);
    case "End":
      return plusDays(day, 6 - inWeek);
    case "PageUp":
    case "PageDown": {
      const month = plusMonths(monthOf(day), key === "PageUp" ? -1 : 1);
      const last = daysBetween(`${month}-01`, `${plusMonths(month, 1)}-01`);
      return `${month}-${String(Math.min(Number(day.slice(8)), last)).padStart(2, "0")}`;
    }
    default:
      return undefined;
  }
}
