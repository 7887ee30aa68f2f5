import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { PreparedTarget } from "../../src/bindings";
import { CoreProvider, makeCache } from "../../src/data";
import { PreparedPost } from "../../src/features/compose/previews/prepared";
import { startWords } from "../../src/i18n";
import { FixtureTransport } from "../fixtures/transport";

startWords("en");
afterEach(cleanup);

const TEXT = "Snow came late: https://firnline.example/notes/late-snow";
const picture = (n: number) => ({
  rendition: {
    asset: `a${n}`,
    hash: `h${n}`,
    mime: "image/jpeg",
    width: 1600,
    height: 1000,
    bytes: 1,
  },
  alt: `Picture ${n}`,
});

function shown(network: string, pictures: number, more: Partial<PreparedTarget> = {}) {
  const target: PreparedTarget = {
    identity: "a",
    network,
    languages: ["en"],
    options: {},
    segments: [
      {
        text: TEXT,
        marks: [
          {
            start: 16,
            end: TEXT.length,
            kind: { type: "link", url: "https://firnline.example/notes/late-snow" },
          },
        ],
        media: Array.from({ length: pictures }, (_, n) => picture(n)),
      },
    ],
    ...more,
  };
  return render(
    <CoreProvider transport={new FixtureTransport()} cache={makeCache()}>
      <PreparedPost
        target={target}
        poster={{ name: "Firnline", handle: "firnline.example", hue: "glacier" }}
        title="Late snow"
        noted={{
          parts: [[{ id: "n", start: 0, end: 4 }]],
          attributes: { "data-note-variant": "" },
        }}
      />
    </CoreProvider>,
  ).container;
}

describe("what a version holds, as its network shows it", () => {
  it("has its pictures in the network's own arrangement", () => {
    const grid = (network: string, pictures: number) =>
      shown(network, pictures).querySelector(`[data-pictures="${pictures}"]`)?.className ?? "";
    expect(grid("bluesky", 3)).toContain("aspect-[2/1]");
    expect(grid("bluesky", 4)).toContain("aspect-[3/2]");
    expect(grid("x", 3)).toContain("aspect-[16/9]");
    expect(grid("mastodon", 1)).not.toContain("grid-cols-2");
  });

  it("stands one below the other on the site", () => {
    const page = shown("site", 3);
    expect(page.querySelector("[data-pictures]")).toBeNull();
    expect(page.querySelectorAll("img")).toHaveLength(3);
    expect(page.querySelector("h4")?.textContent).toBe("Late snow");
  });

  it("cuts links where the network does, and marks what notes are about", () => {
    expect(shown("x", 0).textContent).toContain("firnline.example/notes/lat…");
    expect(shown("mastodon", 0).textContent).toContain(TEXT);
    for (const network of ["bluesky", "mastodon", "x", "site"]) {
      const post = shown(network, 0);
      expect(post.querySelector("mark")?.textContent).toBe("Snow");
      expect(post.querySelector("[data-note-variant]")?.getAttribute("data-note-part")).toBe("0");
    }
  });

  it("folds behind its warning until somebody opens it", () => {
    const post = shown("mastodon", 1, { options: { content_warning: "Many figures" } });
    expect(post.querySelector("summary")?.textContent).toBe("Many figures");
    expect(post.querySelector("details")?.open).toBe(false);
  });
});
