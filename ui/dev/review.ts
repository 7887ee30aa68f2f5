import { start } from "../src/start";
import { reviewAnswers } from "../test/fixtures/review";
import { FixtureTransport } from "../test/fixtures/transport";

/** `?state=empty|error|loading` shows the other states of a place. */
const state = new URLSearchParams(window.location.search).get("state");
const never = () => new Promise<never>(() => {});
const fail = () => {
  throw { code: "busy", message: "Another process is using the database.", retryable: true };
};
const places = ["approvals", "request", "calendar", "personas", "runs", "run", "networks"];
const all = (answer: () => unknown) => Object.fromEntries(places.map((place) => [place, answer]));
const other = {
  empty: {
    approvals: () => ({ rows: [], for_me: 0, open: 0 }),
    calendar: () => ({ entries: [], free: [], unplanned: 0 }),
    personas: () => [],
    runs: () => ({ rows: [] }),
  },
  error: all(fail),
  loading: all(never),
}[state ?? ""];

const core = new FixtureTransport({ ...reviewAnswers, ...other });
// What was asked of the core can be looked at by the browser tests.
Object.assign(window, { core });
start(core);
