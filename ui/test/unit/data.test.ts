import { expect, test, vi } from "vitest";
import { keyOf, makeCache } from "../../src/data/core";
import { followEvents, shows } from "../../src/data/events";
import { newId } from "../../src/data/ids";
import { isProblem, meaningOf, problemOf } from "../../src/platform/problem";
import { FixtureTransport } from "../fixtures/transport";

test("ids are UUIDs of version 7 and grow with time", () => {
  const early = newId(1_700_000_000_000);
  const late = newId(1_700_000_000_001);
  expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(early < late).toBe(true);
});

test("a query is read again when one of its tags has changed, and only then", () => {
  const key = keyOf({ type: "people" });
  expect(shows(key, new Set(["people"]))).toBe(true);
  expect(shows(key, new Set(["contents"]))).toBe(false);
  expect(shows(["other"], new Set(["people"]))).toBe(false);
});

test("changes that come together are read again once", async () => {
  vi.useFakeTimers();
  const core = new FixtureTransport();
  const cache = makeCache();
  const again = vi.spyOn(cache, "invalidateQueries");
  const others: string[] = [];
  const stop = followEvents(core, cache, (event) => others.push(event.type));
  core.tell({ type: "changed", tags: ["people"] });
  core.tell({ type: "changed", tags: ["contents"] });
  core.tell({ type: "open", place: { type: "today" } });
  await vi.advanceTimersByTimeAsync(100);
  expect(again).toHaveBeenCalledTimes(1);
  expect(others).toEqual(["open"]);
  stop();
  vi.useRealTimers();
});

test("whatever is thrown becomes a problem", () => {
  expect(problemOf(new Error("boom")).code).toBe("internal");
  expect(problemOf({ code: "busy", message: "wait", retryable: true }).code).toBe("busy");
  expect(isProblem("busy")).toBe(false);
});

test("a problem says how grave it is and which way leads on", () => {
  expect(meaningOf({ code: "conflict", message: "", retryable: false }).action).toBe("look_again");
  expect(meaningOf({ code: "internal", message: "", retryable: true }).tone).toBe("bad");
});
