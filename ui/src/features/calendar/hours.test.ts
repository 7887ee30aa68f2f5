import { describe, expect, it } from "vitest";
import {
  draggedTo,
  HOUR_PX,
  hoursElsewhere,
  inLanes,
  instantOf,
  plusMinutes,
  wallAt,
  wallIn,
} from "./hours";
import { weekOf } from "./month";
import { stepOf } from "./moving";

const at = (minutes: readonly number[]) => inLanes(minutes, (minute) => minute);

describe("a day of the week", () => {
  it("puts side by side what would cover each other, and nothing else", () => {
    const [one, two, three] = at([9 * 60, 9 * 60 + 30, 12 * 60]);
    expect(one).toMatchObject({ top: 9 * HOUR_PX, lane: 0, lanes: 2 });
    expect(two).toMatchObject({ lane: 1, lanes: 2 });
    expect(three).toMatchObject({ top: 12 * HOUR_PX, lane: 0, lanes: 1 });
  });

  it("uses a lane again as soon as it is free", () => {
    const lanes = at([540, 570, 590]).map((one) => one.lane);
    expect(lanes).toEqual([0, 1, 0]);
  });

  it("gathers what has no room in the last lane", () => {
    const placed = at([540, 541, 542, 543, 544]);
    expect(placed.map((one) => one.items.length)).toEqual([1, 1, 3]);
    expect(placed.at(-1)).toMatchObject({ lane: 2, lanes: 3 });
  });

  it("keeps the last minutes of a day inside its column", () => {
    expect(at([23 * 60 + 59])[0]?.top).toBeLessThanOrEqual(24 * HOUR_PX - 36);
  });
});

describe("dragging over hours", () => {
  it("lands on quarters, or in a free slot close by", () => {
    expect(draggedTo(540, HOUR_PX, [])).toBe(600);
    expect(draggedTo(540, HOUR_PX * 0.4, [])).toBe(570);
    expect(draggedTo(540, HOUR_PX, [617])).toBe(617);
    expect(draggedTo(540, HOUR_PX, [625])).toBe(600);
  });

  it("stays within the day", () => {
    expect(draggedTo(30, -HOUR_PX * 3, [])).toBe(0);
    expect(draggedTo(1410, HOUR_PX * 3, [])).toBe(1425);
  });
});

describe("walls and instants", () => {
  it("agree in every zone, also around a change of clocks", () => {
    for (const zone of ["UTC", "Europe/Berlin", "Africa/Nairobi", "America/St_Johns"]) {
      for (const wall of ["2026-11-23T09:30", "2026-03-29T01:45", "2026-10-25T04:00"]) {
        expect(wallIn(instantOf(wall, zone), zone)).toBe(wall);
      }
    }
  });

  it("give the time after a gap for one that the clocks skip", () => {
    expect(wallIn(instantOf("2026-03-29T02:30", "Europe/Berlin"), "Europe/Berlin")).toBe(
      "2026-03-29T03:30",
    );
  });

  it("counts minutes over midnight", () => {
    expect(plusMinutes("2026-11-23T23:45", 30)).toBe("2026-11-24T00:15");
    expect(plusMinutes("2026-03-01T00:10:00", -30)).toBe("2026-02-28T23:40");
    expect(wallAt("2026-11-23", 545)).toBe("2026-11-23T09:05");
  });

  it("says what another zone's clock shows, and on which day", () => {
    const hours = hoursElsewhere("2026-11-23", "Africa/Nairobi", "America/New_York");
    expect(hours[9]).toEqual({ time: "01:00", days: 0 });
    expect(hours[7]).toEqual({ time: "23:00", days: -1 });
  });
});

describe("a week", () => {
  it("begins as the language has it", () => {
    expect(weekOf("2026-11-25", 1)[0]).toBe("2026-11-23");
    expect(weekOf("2026-11-25", 7)[0]).toBe("2026-11-22");
    expect(weekOf("2026-11-29", 1).at(-1)).toBe("2026-11-29");
  });

  it("moves by half hours up and down, a month by weeks", () => {
    expect(stepOf("ArrowUp", "week")).toEqual({ minutes: -30 });
    expect(stepOf("ArrowDown", "month")).toEqual({ days: 7 });
    expect(stepOf("ArrowLeft", "week")).toEqual({ days: -1 });
    expect(stepOf("a", "week")).toBeUndefined();
  });
});
