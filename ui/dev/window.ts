import { start } from "../src/start";
import { overview, queuePage, today } from "../test/fixtures/sample";
import { FixtureTransport } from "../test/fixtures/transport";

/** `?state=empty|error|loading|first` shows the other states of a place. */
const state = new URLSearchParams(window.location.search).get("state");
const never = () => new Promise<never>(() => {});
const fail = () => {
  throw { code: "busy", message: "Another process is using the database.", retryable: true };
};
const empty = {
  overview: () => ({ ...overview, counts: { today: 0, queue: 0, approvals: 0, runs: 0 } }),
  today: () => ({ ...today, day: [], needs: [], next: [] }),
  queue: () => queuePage({}, []),
};
const answers = {
  empty,
  error: { today: fail, queue: fail, settings: fail },
  loading: { today: never, queue: never, settings: never },
  first: { overview: () => ({ ...overview, first_run: true, personas: [], people: [] }) },
}[state ?? ""];

start(new FixtureTransport(answers ?? {}));
