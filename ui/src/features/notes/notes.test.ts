import { afterEach, describe, expect, it } from "vitest";
import type { NoteThread, VersionDoc } from "@/bindings";
import { cutAt } from "@/shared/highlights";
import { highlightsOf, placed, selectedIn, unjoined, variantOf } from "./anchor";
import { mentionAt, namesIn } from "./mentions";

function thread(n: number, quote: string, start: number, more: Partial<NoteThread> = {}) {
  return {
    note: {
      id: `note-${start}`,
      n,
      by: { id: "noor", name: "Noor" },
      at: "2026-11-23T08:22:00.000Z",
      text: "Say why.",
      mentions: [],
      removed: false,
      removable: false,
    },
    anchor: { type: "text", range: { segment: 0, start, end: start + [...quote].length } },
    quote,
    answers: [],
    ...more,
  } satisfies NoteThread;
}

const parts = ["Löß 🏔️ came late.", "It came again."];

describe("where a note stands", () => {
  it("is its range on the version on which it was written", () => {
    expect(placed(thread(3, "came", 7), "", parts, 3)).toEqual({ part: 0, start: 7, end: 11 });
    expect(placed(thread(3, "gone", 90), "", parts, 3)).toBeUndefined();
  });

  it("is where its words stand once on another version, and nowhere when they do not", () => {
    expect(placed(thread(2, "late", 0), "", parts, 3)).toEqual({ part: 0, start: 12, end: 16 });
    expect(placed(thread(2, "came", 0), "", parts, 3)).toBeUndefined();
    expect(placed(thread(2, "early", 0), "", parts, 3)).toBeUndefined();
  });

  it("is only in its own variant", () => {
    expect(placed(thread(3, "came", 7), "network:x", parts, 3)).toBeUndefined();
    const doc = {
      body: { variants: { "network:x": {}, "identity:a": {} } },
    } as unknown as VersionDoc;
    expect(variantOf(doc, "a", "x")).toBe("identity:a");
    expect(variantOf(doc, "b", "x")).toBe("network:x");
    expect(variantOf(doc, "b", "bluesky")).toBe("");
  });

  it("is counted over all parts where they are shown as one", () => {
    const second = thread(3, "again", 8, {
      anchor: { type: "text", range: { segment: 1, start: 8, end: 13 } },
    });
    const { parts: each, joined } = highlightsOf([second], "", parts, 3);
    expect(each[0]).toEqual([]);
    const whole = [...parts.join("\n\n")];
    expect(whole.slice(joined[0]?.start, joined[0]?.end).join("")).toBe("again");
    expect(unjoined(parts, joined[0]?.start ?? 0, joined[0]?.end ?? 0)).toEqual({
      part: 1,
      start: 8,
      end: 13,
    });
    expect(unjoined(parts, 999, 1000)).toBeUndefined();
  });

  it("is not highlighted once it is resolved", () => {
    const closed = thread(3, "came", 7, { resolved_at: "2026-11-23T09:00:00.000Z" });
    expect(highlightsOf([closed], "", parts, 3).joined).toEqual([]);
  });
});

describe("selected words", () => {
  afterEach(() => {
    document.body.innerHTML = "";
  });

  function select(html: string, from: string, to: string) {
    document.body.innerHTML = `<div id="root">${html}</div>`;
    const find = (words: string): [Node, number] => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const at = node.textContent?.indexOf(words) ?? -1;
        if (at >= 0) return [node, at];
      }
      throw new Error(words);
    };
    const range = document.createRange();
    range.setStart(...find(from));
    const [node, at] = find(to);
    range.setEnd(node, at + to.length);
    window.getSelection()?.removeAllRanges();
    window.getSelection()?.addRange(range);
    return document.getElementById("root");
  }

  it("are found without what was struck, and without the space around them", () => {
    const root = select(
      `<p data-note-variant="">Löß 🏔️ came <del>very </del><ins>late</ins>.\n\nIt came again.</p>`,
      " came ",
      "late",
    );
    expect(selectedIn(root, () => parts)).toEqual({
      quote: "came late",
      range: { segment: 0, start: 7, end: 16 },
    });
  });

  it("are in the part in which they are shown", () => {
    const root = select(
      `<p data-note-variant="network:x" data-note-part="1">It came again.</p>`,
      "came",
      "again",
    );
    expect(selectedIn(root, () => parts)).toEqual({
      quote: "came again",
      range: { variant: "network:x", segment: 1, start: 3, end: 13 },
    });
  });

  it("elsewhere are nobody's", () => {
    const root = select(`<p>It came again.</p>`, "came", "again");
    expect(selectedIn(root, () => parts)).toBeUndefined();
    expect(selectedIn(null, () => parts)).toBeUndefined();
  });
});

describe("names in notes", () => {
  it("are asked for after an at sign at the beginning of a word", () => {
    expect(mentionAt("see @No", 7)).toEqual({ from: 4, words: "No" });
    expect(mentionAt("@Noor Ca", 8)).toEqual({ from: 0, words: "Noor Ca" });
    expect(mentionAt("mail@noor", 9)).toBeUndefined();
    expect(mentionAt("@Noor and then more", 19)).toBeUndefined();
    expect(mentionAt("see @No", 2)).toBeUndefined();
  });

  it("are drawn as names, the longest first", () => {
    const cut = namesIn("@noor castellay, @Noor.", ["Noor", "Noor Castellay"]);
    expect(cut.filter((one) => one.named).map((one) => one.text)).toEqual([
      "@noor castellay",
      "@Noor",
    ]);
    expect(cut.map((one) => one.text).join("")).toBe("@noor castellay, @Noor.");
    expect(namesIn("plain", [])).toEqual([{ text: "plain", named: false, at: 0 }]);
  });
});

describe("a text cut at highlights", () => {
  it("keeps every character, in order", () => {
    const text = "🏔️ came late";
    const cut = cutAt(text, 10, [
      { id: "a", start: 13, end: 17 },
      { id: "b", start: 15, end: 40 },
    ]);
    expect(cut.map((one) => one.text).join("")).toBe(text);
    expect(cut.map((one) => one.id)).toEqual([undefined, "a", "b", "b"]);
    expect(cut.map((one) => one.at)).toEqual([10, 13, 15, 17]);
  });
});
