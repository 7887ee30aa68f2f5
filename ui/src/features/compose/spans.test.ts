import { describe, expect, test } from "vitest";
import { carried, marksInTyped, runsOf, utf16Offsets } from "./spans";

describe("offsets", () => {
  test("bytes become code units whatever the characters", () => {
    const text = "aé漢👩‍🚀z";
    const bytes = (until: string) => new TextEncoder().encode(until).length;
    const cuts = ["", "a", "aé", "aé漢", "aé漢👩", "aé漢👩‍", "aé漢👩‍🚀", text];
    expect(utf16Offsets(text, cuts.map(bytes))).toEqual(cuts.map((cut) => cut.length));
  });

  test("an offset inside a character means its beginning, one behind the end the end", () => {
    expect(utf16Offsets("é漢", [1, 3, 99])).toEqual([0, 1, 2]);
  });

  test("marks stand where the words were typed, behind the space in front of them", () => {
    const kind = { type: "tag", tag: "snow" } as const;
    const marks = [{ start: 4, end: 9, kind }];
    expect(marksInTyped("  ü: #snow \n", "ü: #snow", marks)).toEqual([{ start: 5, end: 10, kind }]);
  });

  test("nothing is marked in a text that goes out otherwise", () => {
    const kind = { type: "tag", tag: "a" } as const;
    expect(marksInTyped("one", "two", [{ start: 0, end: 1, kind }])).toEqual([]);
  });
});

describe("a span while typing goes on", () => {
  const span = { start: 4, end: 8 };
  test.each([
    ["the same text", "abc defg hij", span],
    ["words behind it", "abc defg hij!", span],
    ["words before it", "xx abc defg hij", { start: 7, end: 11 }],
    ["a letter inside", "abc deXfg hij", { start: 4, end: 9 }],
    ["less inside", "abc dg hij", { start: 4, end: 6 }],
  ])("%s", (_, after, wanted) => {
    expect(carried(span, "abc defg hij", after)).toEqual(wanted);
  });

  test("what was taken away takes its span along", () => {
    expect(carried(span, "abc defg hij", "abc  hij")).toBeUndefined();
    expect(carried(span, "abc defg hij", "")).toBeUndefined();
  });
});

test("runs cover the text once, each with its look", () => {
  const text = "one two.example too long";
  const runs = runsOf(
    text,
    [{ start: 4, end: 15, kind: { type: "link", url: "https://two.example" } }],
    [
      { code: "text_too_long", span: { start: 8, end: 24 } },
      { code: "mention_unknown", span: { start: 0, end: 3 } },
      { code: "alt_missing" },
    ],
  );
  expect(runs.map((run) => text.slice(run.start, run.end)).join("")).toBe(text);
  expect(runs.map(({ start, mark, over, wavy }) => [start, mark?.type, over, wavy])).toEqual([
    [0, undefined, false, true],
    [3, undefined, false, false],
    [4, "link", false, false],
    [8, "link", true, false],
    [15, undefined, true, false],
  ]);
  expect(runsOf("", [], [])).toEqual([]);
});
