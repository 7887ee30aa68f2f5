import { start } from "../src/start";
import { ComposeTransport } from "../test/fixtures/compose";

/** `?state=empty|error|loading` shows the other states; `?counted=x,mastodon` counts for these. */
const asked = new URLSearchParams(window.location.search);
const never = () => new Promise<never>(() => {});
const fail = () => {
  throw { code: "busy", message: "Another process is using the database.", retryable: true };
};
const counted = asked.get("counted");
if (counted)
  window.localStorage.setItem("rostrum.counted.p-firn", JSON.stringify(counted.split(",")));
const states: Record<string, Record<string, (asked: never) => unknown>> = {
  empty: { personas: () => [] },
  error: { personas: fail, content: fail },
  loading: { personas: never, content: never },
};

const core = new ComposeTransport(states[asked.get("state") ?? ""] ?? {});
// What was asked of the core can be looked at from the console and by the browser tests.
Object.assign(window, { core });
start(core);
