import { useEffect } from "react";
import { create } from "zustand";
import { useCore } from "@/data";
import { useActions } from "./actions";

/** Sizes of the page in percent. */
export const sizes = [75, 90, 100, 110, 125, 150, 175, 200, 250, 300] as const;
const KEY = "rostrum.zoom";

/** How large the page is drawn, in percent. It is this window's own and kept in it. */
export const useZoom = create<{ percent: number }>()(() => {
  const kept = Number(window.localStorage.getItem(KEY));
  return { percent: sizes.some((size) => size === kept) ? kept : 100 };
});

export function setZoom(percent: number): void {
  window.localStorage.setItem(KEY, String(percent));
  useZoom.setState({ percent });
}

/** The next size up or down; the last one where there is none. */
export function nextSize(percent: number, by: 1 | -1): number {
  const at = sizes.findIndex((size) => size >= percent);
  return sizes[Math.min(Math.max(at + by, 0), sizes.length - 1)] ?? 100;
}

/** Draws the page at its size and offers others; in a browser that is the browser's affair. */
export function useZooming(): void {
  const core = useCore();
  const percent = useZoom((zoom) => zoom.percent);
  const can = core.zoom !== undefined;
  useEffect(() => {
    core.zoom?.(percent / 100).catch(() => {});
  }, [core, percent]);
  useActions({
    "window.larger": can && (() => setZoom(nextSize(percent, 1))),
    "window.smaller": can && (() => setZoom(nextSize(percent, -1))),
    "window.usual_size": can && percent !== 100 && (() => setZoom(100)),
  });
}
