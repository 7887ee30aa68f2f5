import { describe, expect, test } from "vitest";
import type { Account, Body, Issue } from "@/bindings";
import { findingsOf, tally } from "./issues";
import {
  addPart,
  describePicture,
  dropOwn,
  editPart,
  editText,
  emptyBody,
  intoOne,
  intoParts,
  isBlank,
  moved,
  picturesOf,
  removePart,
  sameBody,
  tabsOf,
  textOf,
  tightest,
  type View,
  viewsOfTab,
} from "./model";

const account = (id: string, network: string) => ({ id, network }) as Account;
const accounts = [account("b1", "bluesky"), account("b2", "bluesky"), account("s", "site")];
const body: Body = {
  ...emptyBody(["b1", "b2", "s"], "en"),
  shared: { segments: [{ text: "shared", media: [{ asset: "p1" }] }], options: {} },
};
const parts = (...texts: string[]) => ({
  segments: texts.map((text, at) => ({ text, media: at === 0 ? [{ asset: "p" }] : [] })),
  options: {},
});
const texts = (text: { segments: { text: string }[] }) => text.segments.map((part) => part.text);

describe("tabs", () => {
  test("one per network, with its accounts; an account of its own text stands alone", () => {
    const own = { ...body, variants: { "identity:b2": parts("mine") } };
    expect(tabsOf(own, accounts, ["x"]).map((tab) => [tab.key, tab.identities, tab.own])).toEqual([
      ["shared", ["b1", "b2", "s"], false],
      ["network:bluesky", ["b1"], false],
      ["identity:b2", ["b2"], true],
      ["network:site", ["s"], false],
      ["network:x", [], false],
    ]);
  });

  test("the first edit gives a network its own text and leaves the shared one alone", () => {
    const [, bluesky] = tabsOf(body, accounts, []);
    if (!bluesky) throw new Error("no tab");
    const next = editText(body, bluesky, (text) =>
      editPart(text, 0, (part) => ({ ...part, text: "own" })),
    );
    expect(texts(next.shared)).toEqual(["shared"]);
    expect(texts(textOf(next, bluesky))).toEqual(["own"]);
    expect(picturesOf(next)).toEqual(["p1"]);
    expect(sameBody(dropOwn(next, "network:bluesky"), body)).toBe(true);
  });
});

describe("parts", () => {
  test("a cut at the caret moves what is behind it into a new part", () => {
    const cut = addPart(parts("one two"), 0, 4);
    expect(texts(cut)).toEqual(["one", "two"]);
    expect(cut.segments[0]?.media).toHaveLength(1);
  });

  test("a removed part leaves its pictures to the one before it", () => {
    const all = editPart(parts("one", "two"), 1, (part) => ({ ...part, media: [{ asset: "q" }] }));
    const left = removePart(all, 1);
    expect(texts(left)).toEqual(["one"]);
    expect(left.segments[0]?.media.map((media) => media.asset)).toEqual(["p", "q"]);
    expect(removePart(left, 0)).toBe(left);
  });

  test("into parts and back into one, no word and no picture is lost", () => {
    const thread = intoParts(parts("one two three"), ["one two", "three"]);
    expect(texts(thread)).toEqual(["one two", "three"]);
    const one = intoOne(thread);
    expect(texts(one)).toEqual(["one two\n\nthree"]);
    expect(one.segments[0]?.media).toHaveLength(1);
  });

  test("moving keeps everything", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], 2, -4)).toEqual(["c", "a", "b"]);
  });
});

test("a description follows its picture into every text that had the same one", () => {
  const all: Body = {
    ...body,
    variants: {
      "network:bluesky": parts("x"),
      "network:site": {
        segments: [{ text: "", media: [{ asset: "p1", alt: "other" }, { asset: "p1" }] }],
        options: {},
      },
    },
  };
  const next = describePicture(all, "p1", "", "a ridge");
  expect(next.shared.segments[0]?.media[0]?.alt).toBe("a ridge");
  expect(next.variants["network:site"]?.segments[0]?.media.map((media) => media.alt)).toEqual([
    "other",
    "a ridge",
  ]);
  expect(next.variants["network:bluesky"]?.segments[0]?.media[0]?.alt).toBeUndefined();
});

test("a body with only space in it is blank, one with a picture is not", () => {
  expect(isBlank({ ...emptyBody([], "en"), shared: { ...parts(" \n"), options: {} } })).toBe(false);
  expect(isBlank(emptyBody(["b1"], "en"))).toBe(true);
});

test("an absent title and an empty one say the same", () => {
  expect(sameBody(body, { ...body, title: "" })).toBe(true);
  expect(sameBody(body, { ...body, title: "x" })).toBe(false);
});

const issue = (code: string, more: Partial<Issue> = {}): Issue => ({
  code,
  severity: "error",
  segment: 0,
  args: {},
  ...more,
});
const view = (network: string, identity: string | undefined, more: Partial<View> = {}): View => ({
  network,
  ...(identity ? { identity } : {}),
  own_text: false,
  segments: [],
  options: {},
  counts: [],
  issues: [],
  ...more,
});

describe("findings", () => {
  const tabs = tabsOf(body, accounts, ["x"]);
  test("the same words are said once, with all their networks", () => {
    const found = findingsOf(tabs, [
      view("bluesky", "b1", { issues: [issue("alt_missing", { asset: "p1" })] }),
      view("site", "s", { issues: [issue("alt_missing", { asset: "p1", severity: "warning" })] }),
    ]);
    expect(found.map(({ code, networks, severity }) => [code, networks, severity])).toEqual([
      ["alt_missing", ["bluesky", "site"], "error"],
    ]);
  });

  test("a network that is only counted stops nothing", () => {
    const found = findingsOf(tabs, [view("x", undefined, { issues: [issue("text_too_long")] })]);
    expect(tally(found)).toEqual({ fix: 0, look: 1, know: 0 });
  });
});

test("the tightest network is the one with the least room left", () => {
  const count = (length: number, limit?: number) => [
    { length, unit: "graphemes" as const, ...(limit ? { limit } : {}) },
  ];
  const views = [
    view("site", "s", { counts: count(290) }),
    view("bluesky", "b1", { counts: count(290, 300) }),
    view("x", undefined, { counts: count(285, 280) }),
  ];
  expect(tightest(views, 0)?.network).toBe("x");
  expect(tightest([], 0)).toBeUndefined();
  const [shared, bluesky, , x] = tabsOf(body, accounts, ["x"]);
  expect(shared && viewsOfTab(shared, views)).toHaveLength(3);
  expect(bluesky && viewsOfTab(bluesky, views).map((one) => one.network)).toEqual(["bluesky"]);
  expect(x && viewsOfTab(x, views).map((one) => one.network)).toEqual(["x"]);
});
