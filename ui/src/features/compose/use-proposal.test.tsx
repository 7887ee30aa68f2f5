import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { CoreProvider, makeCache } from "@/data";
import type { Transport, Watch } from "@/platform";
import { useProposal } from "./use-proposal";

const asked = {
  persona: "p",
  content: "c",
  targets: [],
  wish: { task: "alt_text", text: "", brief: "", language: "en" },
} as const;

/** The hook, and what each question was watched with; no question is ever answered. */
function open() {
  const watched: Watch[] = [];
  const transport = {
    act: (_: unknown, watch: Watch = {}) => {
      watched.push(watch);
      return new Promise(() => {});
    },
  } as unknown as Transport;
  const cache = makeCache();
  const { result } = renderHook(() => useProposal(), {
    wrapper: ({ children }) => (
      <CoreProvider transport={transport} cache={cache}>
        {children}
      </CoreProvider>
    ),
  });
  const ask = () =>
    act(() => {
      result.current.ask({ ...asked, targets: [] });
    });
  return { result, watched, ask };
}

test("what is dropped while it is written is stopped, and says nothing more", () => {
  const { result, watched, ask } = open();
  ask();
  act(() => watched[0]?.onWords?.("A cat"));
  expect(result.current.said).toBe("A cat");
  expect(result.current.running).toBe(true);
  act(() => result.current.drop());
  expect(watched[0]?.signal?.aborted).toBe(true);
  expect(result.current.running).toBe(false);
  act(() => watched[0]?.onWords?.(" on a roof"));
  expect(result.current.said).toBe("");
});

test("a late piece of an older question is not shown under the next", () => {
  const { result, watched, ask } = open();
  ask();
  act(() => result.current.drop());
  ask();
  act(() => watched[0]?.onWords?.("A cat"));
  act(() => watched[1]?.onWords?.("A harbour"));
  expect(result.current.said).toBe("A harbour");
  expect(result.current.running).toBe(true);
});
