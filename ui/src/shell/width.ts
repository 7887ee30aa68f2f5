import { useSyncExternalStore } from "react";

/** Where the layout narrows, in pixels of the window. */
export const narrow = { drawer: 1280, rail: 1100, single: 900 } as const;

/** Whether the window is narrower than one of the steps. */
export function useNarrow(step: keyof typeof narrow): boolean {
  const query = `(max-width: ${narrow[step] - 1}px)`;
  return useSyncExternalStore(
    (heard) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", heard);
      return () => list.removeEventListener("change", heard);
    },
    () => window.matchMedia(query).matches,
  );
}
