import { describe, expect, it } from "vitest";
import { bundled, type DayMark, spread } from "./day-marks";

const marks = (...minutes: number[]): DayMark[] =>
  minutes.map((minute, n) => ({
    id: String(n),
    minute,
    time: String(minute),
    hue: "glacier",
    glyph: null,
    label: "",
    onOpen: () => undefined,
  }));
const px = (minute: number) => minute / 2;

describe("the line of a day", () => {
  it("moves posts aside that would stand on each other", () => {
    const shifts = spread(marks(100, 0, 20), px, 500)?.map(({ mark, shift }) => [
      mark.minute,
      shift,
    ]);
    expect(shifts).toEqual([
      [0, 0],
      [20, 24],
      [100, 18],
    ]);
  });

  it("has posts in bundles when there are more than fit, none of them beyond its end", () => {
    const many = marks(...Array.from({ length: 66 }, (_, n) => n * 15));
    expect(spread(many, px, 500)).toBeUndefined();
    const bundles = bundled(many, px, 500);
    expect(bundles.flatMap((bundle) => bundle.marks)).toHaveLength(66);
    expect(bundles.length).toBeLessThanOrEqual(14);
    for (const { middle } of bundles) expect(middle + 17).toBeLessThanOrEqual(500);
    const middles = bundles.map((bundle) => bundle.middle);
    expect(middles).toEqual([...new Set(middles)].sort((a, b) => a - b));
  });

  it("lets two that fill a whole evening stand where they are wished", () => {
    expect(spread(marks(1000), px, 500)).toHaveLength(1);
  });
});
