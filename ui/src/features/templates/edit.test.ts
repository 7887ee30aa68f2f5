import { describe, expect, it } from "vitest";
import type { Body } from "@/bindings";
import { withText } from "./edit";

const text = (...parts: string[]) => ({
  segments: parts.map((part) => ({ text: part, media: [] })),
  options: { no_card: true },
});
const body: Body = {
  languages: ["en"],
  shared: text("one", "two"),
  variants: { "network:x": text("on X") },
  targets: [],
};

describe("words of a template", () => {
  it("change in one part of one text, and nothing else does", () => {
    expect(withText(body, "", 1, "2").shared).toEqual(text("one", "2"));
    expect(withText(body, "network:x", 0, "X")).toEqual({
      ...body,
      variants: { "network:x": text("X") },
    });
    expect(withText(body, "network:y", 0, "?")).toBe(body);
  });
});
