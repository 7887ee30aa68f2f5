import { describe, expect, it } from "vitest";
import type { CalendarEntry } from "@/bindings";
import { dayAfterKey, firstWeekday, plusDays, plusMonths, rangeOf, weeksOf } from "./month";
import { coverOf, foremost, layoutOf, nextSlot, slotOn, wallOnDay } from "./moving";

const entry = (at: string, zone: string, wall: string, covered?: string): CalendarEntry => ({
  content: "c",
  persona: { id: "p", name: "P", hue: "glacier" },
  headline: "h",
  status: "scheduled",
  planned: { at, zone, wall, shift: "none" },
  targets: [],
  needs_person: false,
  rank: 1,
  movable: true,
  ...(covered ? { covered_until: covered } : {}),
});

describe("months", () => {
  it("shows whole weeks, beginning as the language has it", () => {
    const monday = weeksOf("2026-11", 1);
    expect(monday).toHaveLength(6);
    expect(monday[0]?.[0]).toBe("2026-10-26");
    expect(monday.at(-1)?.at(-1)).toBe("2026-12-06");
    expect(weeksOf("2026-11", 7)[0]?.[0]).toBe("2026-11-01");
    expect(weeksOf("2027-02", 1)).toHaveLength(4);
  });

  it("knows that a week begins on Monday in Germany and on Sunday in America", () => {
    expect([1, undefined]).toContain(firstWeekday("de-DE"));
    expect(firstWeekday("not a language")).toBe(1);
  });

  it("counts months over the year's end", () => {
    expect(plusMonths("2026-11", 2)).toBe("2027-01");
    expect(plusMonths("2026-01", -1)).toBe("2025-12");
  });

  it("counts days over a change of clocks", () => {
    expect(plusDays("2026-10-24", 2)).toBe("2026-10-26");
    expect(plusDays("2026-03-01", -1)).toBe("2026-02-28");
  });

  it("asks for a day more on each side, since days begin at other instants elsewhere", () => {
    expect(rangeOf("2026-11-02", "2026-11-08")).toEqual({
      from: "2026-11-01T00:00:00.000Z",
      to: "2026-11-10T00:00:00.000Z",
    });
  });

  it("goes by keys: days, weeks, ends of a week, months", () => {
    expect(dayAfterKey("2026-11-23", "ArrowRight", 1)).toBe("2026-11-24");
    expect(dayAfterKey("2026-11-23", "ArrowUp", 1)).toBe("2026-11-16");
    expect(dayAfterKey("2026-11-25", "Home", 1)).toBe("2026-11-23");
    expect(dayAfterKey("2026-11-25", "End", 7)).toBe("2026-11-28");
    expect(dayAfterKey("2026-01-31", "PageDown", 1)).toBe("2026-02-28");
    expect(dayAfterKey("2026-11-23", "x", 1)).toBeUndefined();
  });
});

describe("moving", () => {
  it("keeps the time on the wall of the entry's own zone", () => {
    // 23:30 in Berlin is the next day in Nairobi.
    const one = entry("2026-11-23T22:30:00.000Z", "Africa/Nairobi", "2026-11-24T01:30");
    expect(wallOnDay(one, "2026-11-25", "Europe/Berlin")).toBe("2026-11-26T01:30");
  });

  it("keeps an approval for later times within the tolerance, never for earlier ones", () => {
    const one = entry(
      "2026-11-23T10:00:00.000Z",
      "UTC",
      "2026-11-23T10:00",
      "2026-11-25T10:00:00.000Z",
    );
    expect(coverOf(one, Date.parse("2026-11-25T10:00:00Z"))).toBe("stays");
    expect(coverOf(one, Date.parse("2026-11-25T10:01:00Z"))).toBe("lost");
    expect(coverOf(one, Date.parse("2026-11-23T09:59:00Z"))).toBe("lost");
    expect(coverOf(entry("2026-11-23T10:00:00.000Z", "UTC", ""), 0)).toBe("none");
  });

  it("snaps to a free slot of the same persona only", () => {
    const one = entry("2026-11-23T10:00:00.000Z", "UTC", "2026-11-23T10:00");
    const slot = (persona: string, at: string) => ({
      persona,
      planned: { at, zone: "UTC", wall: at.slice(0, 16), shift: "none" as const },
    });
    const free = [slot("q", "2026-11-24T08:00:00.000Z"), slot("p", "2026-11-24T18:00:00.000Z")];
    expect(slotOn(free, one, "2026-11-24", "UTC")).toBe(free[1]);
    expect(nextSlot(free, one)).toBe(free[1]);
    expect(slotOn(free, one, "2026-11-25", "UTC")).toBeUndefined();
  });
});

describe("a day", () => {
  it("gives two lines to two, one line to four, and counts the rest", () => {
    expect(layoutOf(2, 0).form).toBe("two");
    expect(layoutOf(4, 1)).toEqual({ form: "one", shown: 4, more: 0, free: 0 });
    expect(layoutOf(7, 2)).toEqual({ form: "one", shown: 3, more: 4, free: 0 });
    expect(layoutOf(1, 3).free).toBe(1);
  });

  it("shows by time what the core has ranked first", () => {
    const at = (hour: string, rank: number) => ({
      ...entry(`2026-11-24T${hour}:00:00.000Z`, "UTC", `2026-11-24T${hour}:00`),
      rank,
    });
    const day = [at("08", 2), at("09", 1), at("10", 2), at("11", 0)];
    expect(foremost(day, 3).map((one) => one.rank)).toEqual([2, 1, 0]);
    expect(foremost(day, 1).map((one) => one.planned.wall)).toEqual(["2026-11-24T11:00"]);
  });
});
