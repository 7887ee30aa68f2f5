import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { PreparedSegment, PreparedTarget } from "../../src/bindings";
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

const poll = { choices: ["North", "South"], minutes: 1440 };

function target(network: string, pictures: number): PreparedTarget {
  return {
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
  };
}

function shown(network: string, pictures: number, more: Partial<PreparedTarget> = {}) {
  return render(
    <CoreProvider transport={new FixtureTransport()} cache={makeCache()}>
      <PreparedPost
        target={{ ...target(network, pictures), ...more }}
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

  it("has its card as the network draws it", () => {
    const card = {
      url: "https://www.firnline.example/notes/late-snow",
      title: "Late snow, in context",
      description: "What the 30-year line says.",
      image: picture(9).rendition,
    };
    const words = (network: string, more: Partial<typeof card> = {}) => {
      const [segment] = target(network, 0).segments;
      const post = shown(network, 0, {
        segments: [{ ...(segment as PreparedSegment), card: { ...card, ...more } }],
      });
      return post.querySelector(`[data-card="${network}"]`)?.textContent;
    };
    expect(words("bluesky")).toBe(`${card.title}${card.description}firnline.example`);
    expect(words("mastodon")).toBe(`firnline.example${card.title}${card.description}`);
    expect(words("x")).toBe("firnline.example");
    expect(words("site")).toBe(`${card.title}${card.description}`);
  });

  it("names only the place where the network reads the page itself", () => {
    for (const network of ["mastodon", "x"]) {
      const post = shown(network, 0);
      expect(post.querySelector(`[data-card="${network}"]`)?.textContent).toBe("firnline.example");
      const polled = shown(network, 0, { options: { poll } });
      expect(polled.querySelector("[data-card]")).toBeNull();
    }
    expect(shown("bluesky", 0).querySelector("[data-card]")).toBeNull();
  });

  it("has its poll as the network draws it, and none where there are none", () => {
    const drawn = (network: string) =>
      shown(network, 0, { options: { poll } }).querySelector(`[data-poll="${network}"]`);
    expect(drawn("mastodon")?.textContent).toBe("NorthSouthVote0 people · 1 day left");
    expect(drawn("x")?.textContent).toBe("NorthSouth0 votes · 1 day left");
    expect(drawn("bluesky")).toBeNull();
    expect(drawn("site")).toBeNull();
  });

  it("folds behind its warning until somebody opens it", () => {
    const post = shown("mastodon", 1, { options: { content_warning: "Many figures" } });
    expect(post.querySelector("summary")?.textContent).toBe("Many figures");
    expect(post.querySelector("details")?.open).toBe(false);
  });
});
