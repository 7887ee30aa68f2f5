import i18next from "i18next";
import en from "../src/locales/en.json";
import { start } from "../src/start";
import { noIdeas } from "../test/fixtures/ideas";
import { FixtureDesk, hut, joined } from "../test/fixtures/organizations";
import { overview, queuePage, today } from "../test/fixtures/sample";
import { FixtureTransport } from "../test/fixtures/transport";

/**
 * `?state=empty|full|error|loading|first` shows the other states of a place; `mirror` the window of
 * a desktop over an organization that it has joined.
 */
const state = new URLSearchParams(window.location.search).get("state");
const never = () => new Promise<never>(() => {});
const fail = () => {
  throw { code: "busy", message: "Another process is using the database.", retryable: true };
};
const empty = {
  overview: () => ({ ...overview, counts: { today: 0, queue: 0, approvals: 0, runs: 0 } }),
  today: () => ({ ...today, day: [], needs: [], next: [] }),
  queue: () => queuePage({}, []),
  ideas: () => noIdeas,
  sources: () => [],
  "act:discover_feeds": () => [
    { feed: { kind: "feed", address: "https://hut.example/news.xml" }, title: "Hut news" },
    { feed: { kind: "feed", address: "https://hut.example/all.xml" }, title: "All", known: "s-1" },
  ],
};
/** Posts every quarter of an hour, from seven in the morning to midnight. */
const full = Array.from({ length: 66 }, (_, n) => {
  const one = today.day[n % today.day.length];
  const at = new Date(Date.parse("2026-11-23T06:00:00.000Z") + n * 15 * 60_000).toISOString();
  return one ? [{ ...one, at }] : [];
}).flat();
const trouble = Array.from({ length: 80 }, (_, n) =>
  today.needs.slice(1, 2).map((need) => ({ ...need, delivery: `d-${n}` })),
).flat();
const answers = {
  empty,
  error: { today: fail, queue: fail, settings: fail, ideas: fail },
  loading: { today: never, queue: never, settings: never, ideas: never },
  full: { today: () => ({ ...today, day: full, needs: trouble }) },
  mirror: joined,
  first: { overview: () => ({ ...overview, first_run: true, personas: [], people: [] }) },
}[state ?? ""];

const desk = state === "mirror" ? new FixtureDesk(hut.organization) : undefined;
const core = new FixtureTransport(answers ?? {}, desk);
// What was asked of the core can be looked at by the browser tests.
Object.assign(window, { core });
start(core);

// Words two fifths longer, with accents: what is too tight for other languages shows.
if (state === "pseudo") {
  const longer = (words: string) =>
    `${words.replace(/[aeiou](?![^{]*\}\})/g, (vowel) => `${vowel}\u0301`)} ${"·".repeat(Math.ceil(words.length * 0.4))}`;
  i18next.addResourceBundle(
    "en",
    "translation",
    Object.fromEntries(Object.entries(en).map(([key, words]) => [key, longer(words)])),
    true,
    true,
  );
  void i18next.changeLanguage("en");
}
