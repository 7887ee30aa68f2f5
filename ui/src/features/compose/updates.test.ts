import { expect, test } from "vitest";
import type { ContentDetail } from "@/bindings";
import { updatesOf } from "./updates";

function detail(status: string, deliveries: [string, string, boolean][]): ContentDetail {
  return {
    row: { status, n: 1 },
    deliveries: deliveries.map(([identity, status, able]) => ({
      target: { identity, status, delivery: `of-${identity}`, network: identity },
      n: 1,
      ...(able ? { update: { n: 1, ready: false } } : {}),
    })),
  } as unknown as ContentDetail;
}

test("what is not out is sent, not updated", () => {
  expect(updatesOf(detail("draft", [["a", "planned", false]]), ["a"])).toBeUndefined();
  expect(updatesOf(undefined, ["a"])).toBeUndefined();
});

test("only what is chosen and can be edited becomes the new version; the rest stays", () => {
  const out = detail("published", [
    ["a", "published", true],
    ["b", "published", false],
    ["c", "published", true],
    ["d", "deleted", false],
  ]);
  expect(updatesOf(out, ["a", "b"])).toEqual({
    deliveries: ["of-a"],
    networks: ["a"],
    stay: ["b", "c"],
    elsewhere: false,
    current: true,
  });
});

test("an account to which it never went is noticed", () => {
  const out = detail("published", [["a", "published", true]]);
  expect(updatesOf(out, ["a", "new"])?.elsewhere).toBe(true);
});
