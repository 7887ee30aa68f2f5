import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Need } from "@/bindings";
import { startWords } from "../../i18n";
import { isKeepers, useNeedWords } from "./words";

startWords("en");

const held = (args: Need["args"]): Need => ({
  kind: "folder_held",
  since: "2026-11-23T08:42:00.000Z",
  headline: "",
  args,
});

test("who sends is for the person of a computer to say, and on a server for its keeper", () => {
  const { result: here } = renderHook(() => useNeedWords(held({})));
  expect(here.current.detail).toBe("Nothing is sent until you say which computer sends.");
  expect(isKeepers(held({}))).toBe(false);
  const there = held({ keeper: "" });
  const { result } = renderHook(() => useNeedWords(there));
  expect(result.current.detail).toMatch(/rostrum-server admin release/);
  expect(isKeepers(there)).toBe(true);
});
