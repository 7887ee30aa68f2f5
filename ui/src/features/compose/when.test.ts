import { describe, expect, test } from "vitest";
import type { DeliveryDetail, DeliveryStatus, Planned } from "@/bindings";
import {
  canHandOff,
  firstTime,
  monthGrid,
  plansOf,
  plusDays,
  plusMonths,
  readTime,
  whenOf,
} from "./when";

const planned = (wall: string): Planned => ({
  at: `${wall}:00.000Z`,
  zone: "UTC",
  wall,
  shift: "none",
});
const delivery = (identity: string, status: DeliveryStatus, at?: Planned) =>
  ({
    target: { delivery: `d-${identity}`, identity, status, ...(at ? { planned: at } : {}) },
  }) as DeliveryDetail;
const ids = () => {
  let n = 0;
  return () => {
    n += 1;
    return `new-${n}`;
  };
};

describe("when", () => {
  const noon = planned("2026-11-25T12:00");
  const evening = planned("2026-11-25T18:00");

  test("deliveries at one time mean that time; what was sent does not count", () => {
    expect(whenOf([delivery("a", "planned", noon), delivery("b", "published", evening)])).toEqual({
      mode: "at",
      planned: noon,
    });
    expect(whenOf([delivery("a", "published", noon)])).toBeUndefined();
    expect(whenOf([delivery("a", "planned")])).toEqual({ mode: "approved" });
  });

  test("different times stay different until one is chosen for all", () => {
    const known = [delivery("a", "planned", noon), delivery("b", "missed", evening)];
    const when = whenOf(known);
    if (!when) throw new Error("no time");
    expect(firstTime(when)).toEqual(noon);
    expect(plansOf(when, 30, ["a", "b", "c"], known, ids())).toEqual([
      { id: "d-a", identity: "a", planned: noon },
      { id: "d-b", identity: "b", planned: evening },
      { id: "new-1", identity: "c" },
    ]);
    expect(plansOf({ mode: "at", planned: evening }, 120, ["a"], known, ids())).toEqual([
      { id: "d-a", identity: "a", planned: evening, grace: 120 },
    ]);
  });

  test("who keeps the time is said only when it was chosen", () => {
    const known = [delivery("a", "handed_off", noon)];
    const when = { mode: "at", planned: noon } as const;
    const keep = (identity: string) => identity === "a";
    expect(plansOf(when, 30, ["a", "b"], known, ids(), keep)).toEqual([
      { id: "d-a", identity: "a", planned: noon, hand_off: true },
      { id: "new-1", identity: "b", planned: noon, hand_off: false },
    ]);
  });

  test("a network keeps no time that is too near", () => {
    const now = Date.parse(noon.at);
    const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
    expect(canHandOff({ keeps_time: 9 }, at(9), now)).toBe(true);
    expect(canHandOff({ keeps_time: 9 }, at(8), now)).toBe(false);
    expect(canHandOff({}, at(600), now)).toBe(false);
  });

  test("a delivery that is live is never planned again under its id", () => {
    const plans = plansOf({ mode: "approved" }, 30, ["a"], [delivery("a", "published")], ids());
    expect(plans).toEqual([{ id: "new-1", identity: "a" }]);
  });
});

test.each([
  ["9", "09:00"],
  ["930", "09:30"],
  ["9:30", "09:30"],
  ["18.30", "18:30"],
  ["1830", "18:30"],
  ["9:30 pm", "21:30"],
  ["12 am", "00:00"],
  ["24:00", undefined],
  ["9:75", undefined],
  ["soon", undefined],
  ["13 pm", undefined],
])("the time %s is %s", (typed, wanted) => {
  expect(readTime(typed)).toBe(wanted);
});

test("days and months of the calendar", () => {
  expect(plusDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(plusMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(plusMonths("2026-01-15", -1)).toBe("2025-12-15");
  const grid = monthGrid("2026-11-23");
  expect([grid[0], grid[6], grid.length]).toEqual(["2026-10-26", "2026-11-01", 42]);
});
