import { expect, test } from "vitest";
import type { Body, Remark } from "@/bindings";
import { emptyBody } from "./model";
import { keyOfText, replaceTag, withTag } from "./remark-edits";

const remark = (text = ""): Remark => ({
  kind: "tag_case",
  severity: "info",
  text,
  part: 0,
  about: "latesnow",
  args: {},
});
const body = (): Body => ({
  ...emptyBody(["a"], "en", "Late #latesnow, not #latesnowfall "),
  variants: { "network:x": { segments: [{ text: "", media: [] }], options: {} } },
});

test("a hashtag gets its capitals where it stands as a whole, and nowhere else", () => {
  const text = replaceTag(body(), remark(), "latesnow", "LateSnow").shared.segments[0]?.text;
  expect(text).toBe("Late #LateSnow, not #latesnowfall ");
});

test("a hashtag is put at the end of the text that it was advised for", () => {
  const shared = withTag(body(), remark(), "Ice");
  expect(shared.shared.segments[0]?.text).toBe("Late #latesnow, not #latesnowfall #Ice");
  expect(shared.variants).toEqual(body().variants);
  const own = withTag(body(), remark("network:x"), "Ice");
  expect(own.variants["network:x"]?.segments[0]?.text).toBe("#Ice");
  expect(own.shared).toEqual(body().shared);
});

test("a tab shows its own text, its network's, or the shared one", () => {
  expect(keyOfText(body(), { key: "shared" })).toBe("");
  expect(keyOfText(body(), { key: "identity:a", network: "x" })).toBe("network:x");
  expect(keyOfText(body(), { key: "network:y", network: "y" })).toBe("");
});
