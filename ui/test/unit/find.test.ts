import { expect, test } from "vitest";
import { cut, hits } from "../../src/shell/find";

test("all words of a search must be there, whatever their case and accents", () => {
  expect(hits("Über den Schnee", "schnee uber")).toBeDefined();
  expect(hits("Über den Schnee", "regen")).toBeUndefined();
});

test("a hit is cut out of its text", () => {
  expect(cut("Late snow", "snow")).toEqual([
    { text: "Late ", hit: false },
    { text: "snow", hit: true },
  ]);
});

test("overlapping hits are marked once", () => {
  expect(cut("snowsnow", "snow snows").map((part) => part.text)).toEqual(["snow", "snow"]);
});
