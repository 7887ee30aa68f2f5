import { describe, expect, it } from "vitest";
import type { PreparedTarget, VersionDoc } from "@/bindings";
import { dueOf } from "./due";
import { picturesGone, picturesOf, textsOf } from "./texts";

const target = (identity: string, network: string, text: string, alts: [string, string][] = []) =>
  ({
    identity,
    network,
    languages: ["en"],
    segments: [
      {
        text,
        marks: [],
        media: alts.map(([asset, alt]) => ({
          rendition: { asset, hash: asset, mime: "image/png", width: 1, height: 1, bytes: 1 },
          alt,
        })),
      },
    ],
  }) satisfies PreparedTarget;

const doc = (targets: PreparedTarget[], own: string[] = []): VersionDoc => ({
  format: 1,
  organization: "o",
  content: "c",
  body: {
    languages: [],
    shared: { segments: [], options: {} },
    variants: Object.fromEntries(own.map((key) => [key, { segments: [], options: {} }])),
    targets: targets.map((one) => one.identity),
  },
  media: [],
  targets,
});

describe("texts of a version", () => {
  it("puts accounts with the shared text before those with their own", () => {
    const texts = textsOf(
      doc([target("a", "linkedin", "own"), target("b", "bluesky", "shared")], ["network:linkedin"]),
      undefined,
    );
    expect(texts.map((one) => one.identity)).toEqual(["b", "a"]);
    expect(texts[1]?.own).toBe(true);
  });

  it("compares each account with what it had before, and says who is new", () => {
    const texts = textsOf(
      doc([target("a", "bluesky", "one two three"), target("b", "x", "new")]),
      doc([target("a", "bluesky", "one three")]),
    );
    expect(texts[0]).toMatchObject({ added: 1, removed: 0 });
    expect(texts[1]?.before).toBeUndefined();
  });
});

describe("pictures of a version", () => {
  const before = target("a", "x", "", [
    ["1", "mast"],
    ["2", "ridge"],
    ["3", "gone"],
  ]);
  const now = target("a", "x", "", [
    ["1", "mast"],
    ["2", "a ridge"],
    ["4", ""],
  ]);

  it("tells the same picture from changed words and from a new one", () => {
    expect(picturesOf(now, before).map((one) => one.change)).toEqual(["same", "alt", "new"]);
    expect(picturesOf(now, undefined)[0]?.change).toBe("none");
  });

  it("names what is gone", () => {
    expect(picturesGone(now, before).map((one) => one.alt)).toEqual(["gone"]);
  });
});

describe("when a request is due", () => {
  const now = Date.parse("2026-11-23T08:42:00Z");
  const due = (at: string) =>
    dueOf({ at, zone: "UTC", wall: "", shift: "none" }, now, "Europe/Berlin");

  it("says the clock today, tomorrow, the weekday, then the date", () => {
    expect(due("2026-11-23T10:30:00Z")).toEqual({ words: "at", when: "11:30", tone: "warn" });
    expect(due("2026-11-24T10:30:00Z").words).toBe("tomorrow");
    expect(due("2026-11-26T10:30:00Z")).toMatchObject({ words: "day", when: "Thu" });
    expect(due("2026-12-03T10:30:00Z")).toMatchObject({ words: "day", when: "3 Dec" });
  });

  it("says when its time has passed, and that no time means at once", () => {
    expect(due("2026-11-23T08:00:00Z")).toEqual({ words: "passed", when: "09:00", tone: "bad" });
    expect(dueOf(undefined, now, "UTC").words).toBe("asap");
  });

  it("counts days on the wall of the zone, not in UTC", () => {
    expect(due("2026-11-23T23:10:00Z").words).toBe("tomorrow");
  });
});
