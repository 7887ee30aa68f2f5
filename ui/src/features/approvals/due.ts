import type { Planned } from "@/bindings";
import { clock, dayKey, tinyDay, weekday } from "@/shared/time";

export interface Due {
  /** The rest of the key `approvals.due.*`. */
  words: "at" | "tomorrow" | "day" | "passed" | "asap";
  /** The clock or the day. */
  when: string;
  tone: "warn" | "bad" | "quiet";
}

const DAY = 86_400_000;

/** When a request is due, as short as the distance allows. */
export function dueOf(planned: Planned | undefined, now: number, zone: string): Due {
  if (!planned) return { words: "asap", when: "", tone: "quiet" };
  const at = Date.parse(planned.at);
  if (at <= now) {
    const same = dayKey(at, zone) === dayKey(now, zone);
    return {
      words: "passed",
      when: same ? clock(at, zone) : tinyDay(at, zone),
      tone: "bad",
    };
  }
  const today = dayKey(now, zone);
  const day = dayKey(at, zone);
  if (day === today) return { words: "at", when: clock(at, zone), tone: "warn" };
  if (day === dayKey(now + DAY, zone)) {
    return { words: "tomorrow", when: clock(at, zone), tone: "quiet" };
  }
  const when = at - now < 6 * DAY ? weekday(at, zone) : tinyDay(at, zone);
  return { words: "day", when, tone: "quiet" };
}
