import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import type { Call } from "../../src/bindings";
import { CoreProvider, makeCache } from "../../src/data";
import { othersWithSeat, useDecide } from "../../src/features/approvals/decide";
import { startWords } from "../../src/i18n";
import { runUndo } from "../../src/shared";
import { request } from "../fixtures/review-requests";
import { FixtureTransport } from "../fixtures/transport";

startWords("en");

function deciding(core: FixtureTransport) {
  const cache = makeCache();
  return renderHook(() => useDecide(), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <CoreProvider transport={core} cache={cache}>
        {children}
      </CoreProvider>
    ),
  });
}

const mutations = (core: FixtureTransport) => core.calls.map((call) => call.mutation);

test("a decision names the hash that the person saw and is sent at once", async () => {
  const core = new FixtureTransport();
  const { result } = deciding(core);
  const seen = request("r-late");
  await act(() => result.current.decide(seen, "approve", "", undefined));
  expect(mutations(core)).toMatchObject([
    { type: "decide", request: "r-late", hash: seen.hash, verdict: "approve" },
  ]);
  expect(core.calls[0]?.acting).toBeUndefined();
});

test("Undo takes back the very decision that was sent", async () => {
  const core = new FixtureTransport();
  const { result } = deciding(core);
  await act(() => result.current.decide(request("r-late"), "reject", "No.", undefined));
  await act(async () => void runUndo());
  const [sent, undone] = mutations(core);
  expect(undone).toEqual({ type: "revoke_decision", decision: sent?.type === "decide" && sent.id });
});

test("who decides for somebody else says so, and takes it back as the same person", async () => {
  const core = new FixtureTransport();
  const { result } = deciding(core);
  await act(() =>
    result.current.decide(request("r-schalen"), "approve", "", { id: "pim", name: "Pim" }),
  );
  await act(async () => void runUndo());
  expect(core.calls.map((call) => call.acting)).toEqual(["pim", "pim"]);
});

test("a refused decision offers nothing to undo", async () => {
  const core = new FixtureTransport({
    "mutate:decide": (_: Call) => {
      throw { code: "stale_version", message: "There is version 6.", retryable: false };
    },
  });
  const { result } = deciding(core);
  let taken = true;
  await act(async () => {
    taken = await result.current.decide(request("r-late"), "approve", "", undefined);
  });
  expect(taken).toBe(false);
  expect(runUndo()).toBe(false);
});

test("what goes out at once offers nothing to undo", async () => {
  const core = new FixtureTransport({
    "mutate:decide": (_: Call) => ({ notices: ["goes_out"] }),
  });
  const { result } = deciding(core);
  let taken = false;
  await act(async () => {
    taken = await result.current.decide(request("r-late"), "approve", "", undefined);
  });
  expect(taken).toBe(true);
  expect(runUndo()).toBe(false);
});

test("only people with a seat who have not decided may be stood in for", () => {
  expect(othersWithSeat(request("r-schalen"), "noor").map((one) => one.id)).toEqual([
    "joss",
    "pim",
  ]);
  expect(othersWithSeat(request("r-late"), "noor").map((one) => one.id)).toEqual(["joss"]);
  expect(othersWithSeat(request("r-old"), "x")).toEqual([]);
});
