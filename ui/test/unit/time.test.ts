import { expect, test } from "vitest";
import {
  clock,
  dayKey,
  minuteOfDay,
  soon,
  span,
  zoneCity,
  zonesDiffer,
} from "../../src/shared/time";

const at = "2026-11-23T18:15:00.000Z";

test("a time is read on the wall of the zone that is named", () => {
  expect(clock(at, "Europe/Berlin")).toBe("19:15");
  expect(clock(at, "Africa/Nairobi")).toBe("21:15");
  expect(clock("2026-11-23T23:00:00.000Z", "Europe/Berlin")).toBe("00:00");
  expect(minuteOfDay(at, "Europe/Berlin")).toBe(19 * 60 + 15);
});

test("a day belongs to its zone", () => {
  expect(dayKey("2026-11-23T23:30:00.000Z", "Europe/Berlin")).toBe("2026-11-24");
});

test("only today's times stand without their day", () => {
  expect(soon(at, "Europe/Berlin", "2026-11-23T08:00:00.000Z")).toBe("19:15");
  expect(soon(at, "Europe/Berlin", "2026-11-21T08:00:00.000Z")).toBe("Mon 23, 19:15");
});

test("zones that show the same wall do not differ", () => {
  expect(zonesDiffer("Europe/Berlin", "Europe/Vienna", at)).toBe(false);
  expect(zonesDiffer("Europe/Berlin", "Africa/Nairobi", at)).toBe(true);
  expect(zoneCity("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
});

test("a span is said in the largest unit that says it", () => {
  expect(span(50 * 60_000)).toEqual({ unit: "minute", count: 50 });
  expect(span(14 * 3_600_000)).toEqual({ unit: "hour", count: 14 });
  expect(span(3 * 86_400_000)).toEqual({ unit: "day", count: 3 });
});
