import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { offerOf, useActions } from "../../src/shell/actions";
import { useShortcuts } from "../../src/shell/actions/listen";
import { usePrefs } from "../../src/shell/prefs";

const press = (key: string, more: KeyboardEventInit = {}) =>
  act(() => {
    window.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, ...more }));
  });

test("the newest layer that knows an action does it", () => {
  const place = vi.fn();
  const sheet = vi.fn();
  renderHook(() => useActions({ "list.next": place }));
  const { unmount } = renderHook(() => useActions({ "list.next": sheet }));
  offerOf("list.next")?.run();
  unmount();
  offerOf("list.next")?.run();
  expect([sheet.mock.calls.length, place.mock.calls.length]).toEqual([1, 1]);
});

test("what nobody offers does nothing", () => {
  renderHook(() => useActions({ "list.next": false }));
  expect(offerOf("list.next")).toBeUndefined();
});

test("a sequence waits for its second key", () => {
  const go = vi.fn();
  renderHook(() => {
    useShortcuts();
    useActions({ "go.queue": go });
  });
  press("q");
  expect(go).not.toHaveBeenCalled();
  press("g");
  press("q");
  expect(go).toHaveBeenCalledTimes(1);
});

test("single keys can be switched off, chords stay", () => {
  const next = vi.fn();
  const palette = vi.fn();
  usePrefs.setState({ single_keys: false });
  renderHook(() => {
    useShortcuts();
    useActions({ "list.next": next, "window.palette": palette });
  });
  press("j");
  press("k", { ctrlKey: true });
  usePrefs.setState({ single_keys: true });
  expect(next).not.toHaveBeenCalled();
  expect(palette).toHaveBeenCalledTimes(1);
});

test("an own key takes the place of the usual one", () => {
  const next = vi.fn();
  usePrefs.setState({ shortcuts: { "list.next": "N" } });
  renderHook(() => {
    useShortcuts();
    useActions({ "list.next": next });
  });
  press("j");
  press("n");
  usePrefs.setState({ shortcuts: {} });
  expect(next).toHaveBeenCalledTimes(1);
});
