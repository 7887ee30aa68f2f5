import { expect, test } from "vitest";
import { wordDiff } from "../../src/shared/word-diff";

test("changes are counted in words", () => {
  const { added, removed } = wordDiff("Snow came late.", "Snow came nine days late.");
  expect(added).toBe(2);
  expect(removed).toBe(0);
});

test("both texts can be read back from the parts", () => {
  const before = "Es hat sich dramatisch verschoben.";
  const after = "Es hat sich verschoben, Wort für Wort.";
  const { parts } = wordDiff(before, after);
  const read = (but: string) =>
    parts
      .filter((part) => part.kind !== but)
      .map((part) => part.text)
      .join("");
  expect(read("added")).toBe(before);
  expect(read("removed")).toBe(after);
});
