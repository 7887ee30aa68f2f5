import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import type { CalendarEntry, Query } from "../../src/bindings";
import { CoreProvider, makeCache } from "../../src/data";
import { useMove } from "../../src/features/calendar/use-move";
import { startWords } from "../../src/i18n";
import { runUndo } from "../../src/shared";
import { resolveTime } from "../fixtures/review-calendar";
import { at, row, wren } from "../fixtures/sample";
import { FixtureTransport } from "../fixtures/transport";

startWords("en");
const content = row(wren, "The support inbox", "scheduled", "in Th", at("26", "14:00"));
const entry: CalendarEntry = {
  content: content.id,
  persona: wren,
  headline: content.headline,
  status: "scheduled",
  planned: at("26", "14:00"),
  targets: content.targets,
  needs_person: false,
  rank: 1,
  movable: true,
};

function moving(core: FixtureTransport) {
  const cache = makeCache();
  return renderHook(() => useMove("Europe/Berlin"), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <CoreProvider transport={core} cache={cache}>
        {children}
      </CoreProvider>
    ),
  });
}

test("a move asks the core for the time and names where each delivery stood", async () => {
  const asked: Query[] = [];
  const core = new FixtureTransport({
    resolve_time: (query: Extract<Query, { type: "resolve_time" }>) => {
      asked.push(query);
      return resolveTime(query);
    },
  });
  const { result } = moving(core);
  await act(() => result.current.moveToWall(entry, "2026-11-25T14:00"));
  expect(asked).toEqual([
    { type: "resolve_time", wall: "2026-11-25T14:00", zone: "Europe/Berlin" },
  ]);
  const moves = core.calls.map((call) => call.mutation);
  expect(moves).toHaveLength(2);
  expect(moves[0]).toMatchObject({
    type: "move_delivery",
    expected: entry.planned.at,
    planned: { at: at("25", "14:00").at },
  });
});

test("Undo moves back from where it was moved to", async () => {
  const core = new FixtureTransport({ resolve_time: resolveTime });
  const { result } = moving(core);
  await act(() => result.current.moveToWall(entry, "2026-11-25T14:00"));
  await act(async () => void runUndo());
  expect(core.calls.at(-1)?.mutation).toMatchObject({
    expected: at("25", "14:00").at,
    planned: entry.planned,
  });
});

test("what is live already is not moved", async () => {
  const core = new FixtureTransport({ resolve_time: resolveTime });
  const { result } = moving(core);
  const [first, second] = entry.targets;
  if (!first || !second) throw new Error("two targets");
  const partly = { ...entry, targets: [{ ...first, status: "published" as const }, second] };
  await act(() => result.current.moveToWall(partly, "2026-11-25T14:00"));
  expect(core.calls.map((call) => call.mutation)).toMatchObject([{ delivery: second.delivery }]);
});

test("a refused move puts the entry back where it stood", async () => {
  const core = new FixtureTransport({
    resolve_time: resolveTime,
    "mutate:move_delivery": () => {
      throw { code: "conflict", message: "It was moved meanwhile.", retryable: false };
    },
  });
  const { result } = moving(core);
  await act(() => result.current.moveToWall(entry, "2026-11-25T14:00"));
  expect(result.current.pending).toBeUndefined();
});
