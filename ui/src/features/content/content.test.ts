import { expect, test } from "vitest";
import type { Body, DeliveryDetail } from "@/bindings";
import { textPairs } from "../compose/compare-sheet";
import { columnsOf, standing } from "./deliveries";

const body = (text: string, own: Record<string, string> = {}, title = ""): Body => ({
  title,
  languages: ["en"],
  shared: { segments: [{ text, media: [] }], options: {} },
  variants: Object.fromEntries(
    Object.entries(own).map(([network, words]) => [
      `network:${network}`,
      { segments: [{ text: words, media: [] }], options: {} },
    ]),
  ),
  targets: [],
});

test("a count has a column when any network gives it, the usual ones first", () => {
  const metrics = (...names: string[]) =>
    ({ metrics: names.map((name) => ({ name, value: 1, as_of: "" })) }) as DeliveryDetail;
  expect(columnsOf([metrics("quotes", "replies"), metrics(), metrics("likes")])).toEqual([
    "likes",
    "replies",
    "quotes",
  ]);
  expect(columnsOf([metrics()])).toEqual([]);
});

test("a comparison shows the shared text and every text that differs", () => {
  const pairs = textPairs(
    body("one", { x: "same", bluesky: "old" }),
    body("two", { x: "same", bluesky: "new" }, "Title"),
  );
  expect(pairs.map((pair) => [pair.key, pair.before, pair.after])).toEqual([
    ["title", "", "Title"],
    ["shared", "one", "two"],
    ["network:bluesky", "old", "new"],
  ]);
});

test("a text that became a network's own is compared with the shared one it was", () => {
  const pairs = textPairs(body("one"), body("one", { x: "own" }));
  expect(pairs).toContainEqual({ key: "network:x", before: "one", after: "own" });
});

test("what was taken back is shown only where nothing else goes", () => {
  const delivery = (id: string, identity: string, status: string) =>
    ({ target: { delivery: id, identity, status } }) as DeliveryDetail;
  const shown = standing([
    delivery("1", "a", "cancelled"),
    delivery("2", "a", "planned"),
    delivery("3", "b", "cancelled"),
    delivery("4", "b", "cancelled"),
  ]);
  expect(shown.map(({ target }) => target.delivery)).toEqual(["2", "4"]);
});
