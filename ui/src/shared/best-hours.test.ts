import { describe, expect, it } from "vitest";
import type { BestHours, HourEffect } from "@/bindings";
import { effectAt, hourOfWeek, nextStrongest, stepAt } from "./best-hours";

const MONDAY = Date.parse("2026-11-23T00:00:00Z");
const HOUR = 3_600_000;

function known(steps: Record<number, number>, strongest: number[] = []): BestHours {
  const hours = Array.from(
    { length: 168 },
    (_, hour): HourEffect => ({ effect: hour, low: -1, high: 1, step: steps[hour] ?? 0 }),
  );
  return { persona: "p", basis: "zones", posts: 0, zones: ["UTC"], hours, strongest, accounts: [] };
}

describe("best hours", () => {
  it("begin on Monday in UTC", () => {
    expect(hourOfWeek(MONDAY)).toBe(0);
    expect(hourOfWeek(MONDAY - 1)).toBe(167);
    expect(hourOfWeek(MONDAY + 51 * HOUR + 59_000)).toBe(51);
    expect(hourOfWeek(-1)).toBe(hourOfWeek(7 * 24 * HOUR - 1));
  });

  it("are the mean of those who are shown", () => {
    expect(stepAt([], MONDAY)).toBe(0);
    expect(stepAt([known({ 0: 4 }), known({ 0: 2 })], MONDAY)).toBe(3);
    expect(effectAt(known({}), MONDAY + 5 * HOUR)?.effect).toBe(5);
    expect(effectAt(undefined, MONDAY)).toBeUndefined();
  });

  it("come next week when they have passed", () => {
    const best = known({}, [12, 2, 60]);
    expect(nextStrongest(best, MONDAY + 3.5 * HOUR, 2)).toEqual([
      MONDAY + 12 * HOUR,
      MONDAY + (168 + 2) * HOUR,
    ]);
    // The hour that begins now still counts.
    expect(nextStrongest(known({}, [4]), MONDAY + 4 * HOUR, 1)).toEqual([MONDAY + 4 * HOUR]);
  });
});
