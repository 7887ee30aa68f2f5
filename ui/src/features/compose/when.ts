import type { Account, DeliveryDetail, DeliveryPlan, DeliveryStatus, Planned } from "@/bindings";
import { clock, dayKey } from "@/shared";

/** When the content goes out. */
export type When =
  /** As soon as it is approved; without a chain: now. */
  | { mode: "approved" }
  | { mode: "at"; planned: Planned }
  /** Planned elsewhere at times of their own; choosing a time here sets all. */
  | { mode: "own"; planned: Record<string, Planned | null> };

/** Minutes that a delivery may be late on its own when nothing else is said. */
export const DEFAULT_GRACE = 30;

const CAN_MOVE: readonly DeliveryStatus[] = [
  "planned",
  "due",
  "held",
  "handed_off",
  "missed",
  "failed",
];

/** Whether its time or its version may still change. */
export function canMove(status: DeliveryStatus): boolean {
  return CAN_MOVE.includes(status);
}

/** What the content's deliveries say; nothing when there are none. */
export function whenOf(deliveries: readonly DeliveryDetail[]): When | undefined {
  const open = deliveries.filter(({ target }) => canMove(target.status));
  const first = open[0];
  if (!first) return undefined;
  const same = open.every(({ target }) => target.planned?.at === first.target.planned?.at);
  if (!same) {
    return {
      mode: "own",
      planned: Object.fromEntries(
        open.map(({ target }) => [target.identity, target.planned ?? null]),
      ),
    };
  }
  const planned = first.target.planned;
  return planned ? { mode: "at", planned } : { mode: "approved" };
}

/** Whether an account's network can keep the time of what goes out then. */
export function canHandOff(account: Pick<Account, "keeps_time">, at: string, now: number): boolean {
  const { keeps_time: ahead } = account;
  return ahead !== undefined && Date.parse(at) - now >= ahead * 60_000;
}

/** The deliveries that the core shall have: known ones keep their ids. `keep` says whose network is
 * to keep the time; without it each stays as it was chosen. */
export function plansOf(
  when: When,
  grace: number,
  targets: readonly string[],
  deliveries: readonly DeliveryDetail[],
  newId: () => string,
  keep?: (identity: string) => boolean,
): DeliveryPlan[] {
  return targets.map((identity) => {
    const known = deliveries.find(
      ({ target }) => target.identity === identity && canMove(target.status),
    );
    const planned =
      when.mode === "at" ? when.planned : when.mode === "own" ? when.planned[identity] : undefined;
    return {
      id: known?.target.delivery ?? newId(),
      identity,
      ...(planned ? { planned } : {}),
      ...(grace === DEFAULT_GRACE ? {} : { grace }),
      ...(keep ? { hand_off: keep(identity) } : {}),
    };
  });
}

/** The earliest planned time. */
export function firstTime(when: When): Planned | undefined {
  if (when.mode === "at") return when.planned;
  if (when.mode === "approved") return undefined;
  return Object.values(when.planned)
    .filter((planned) => planned !== null)
    .sort((a, b) => (a.at < b.at ? -1 : 1))[0];
}

/** `2026-11-25` and `11:30` of a wall-clock time. */
export function wallParts(wall: string): { day: string; time: string } {
  return { day: wall.slice(0, 10), time: wall.slice(11, 16) };
}

/** What the clock on the wall of a zone shows. */
export function wallOf(instant: number | string, zone: string): string {
  return `${dayKey(instant, zone)}T${clock(instant, zone)}`;
}

/** A time of day as people type it: `9`, `930`, `9:30`, `9.30`, `9:30 pm`. */
export function readTime(typed: string): string | undefined {
  const match = /^\s*(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?\s*(am|pm)?\s*$/i.exec(typed);
  if (!match) return undefined;
  const half = match[3]?.toLowerCase();
  let hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  if (half && (hour < 1 || hour > 12)) return undefined;
  if (half === "pm" && hour < 12) hour += 12;
  if (half === "am" && hour === 12) hour = 0;
  if (hour > 23 || minute > 59) return undefined;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** A day of the calendar so many days later; days have no zone. */
export function plusDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The same day of another month, or its last day. */
export function plusMonths(day: string, months: number): string {
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(Number(day.slice(8)), last));
  return date.toISOString().slice(0, 10);
}

/** Six weeks from the Monday before the first of the month. */
export function monthGrid(day: string): string[] {
  const first = `${day.slice(0, 7)}-01`;
  const weekday = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  return Array.from({ length: 42 }, (_, at) => plusDays(first, at - weekday));
}
