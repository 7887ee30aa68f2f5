import { useEffect, useRef } from "react";
import { create } from "zustand";
import { usePrefs } from "../prefs";
import { type ActionId, actionIds, actions } from "./list";

/** What an action does now; a word says why it cannot be done. */
export interface Offer {
  run: () => void;
  /** More words for the palette: "today 18:30". */
  hint?: string;
}
type Offers = Partial<Record<ActionId, Offer>>;

interface Registry {
  /** The newest layer wins: a sheet over a place over the window. */
  layers: readonly { key: symbol; offers: Offers }[];
  put: (key: symbol, offers: Offers) => void;
  drop: (key: symbol) => void;
}

const useRegistry = create<Registry>()((set) => ({
  layers: [],
  put: (key, offers) =>
    set(({ layers }) => ({
      layers: layers.some((layer) => layer.key === key)
        ? layers.map((layer) => (layer.key === key ? { key, offers } : layer))
        : [...layers, { key, offers }],
    })),
  drop: (key) => set(({ layers }) => ({ layers: layers.filter((layer) => layer.key !== key) })),
}));

type Handlers = Partial<Record<ActionId, (() => void) | Offer | false | undefined>>;

/**
 * Says what actions do while the caller is shown. `false` means: not now. Handlers may change at
 * each render; only which of them are there makes the window draw its keys anew.
 */
export function useActions(handlers: Handlers): void {
  const key = useRef(Symbol("layer")).current;
  const newest = useRef(handlers);
  newest.current = handlers;
  const there = actionIds
    .filter((id) => handlers[id])
    .map((id) => {
      const handler = handlers[id];
      return `${id}=${typeof handler === "object" ? (handler.hint ?? "") : ""}`;
    })
    .join("\n");

  useEffect(() => {
    const offers: Offers = {};
    for (const line of there.split("\n").filter(Boolean)) {
      const [id = "", hint = ""] = line.split("=");
      offers[id as ActionId] = {
        run: () => {
          const handler = newest.current[id as ActionId];
          if (typeof handler === "function") handler();
          else if (handler) handler.run();
        },
        ...(hint ? { hint } : {}),
      };
    }
    useRegistry.getState().put(key, offers);
  }, [there, key]);
  useEffect(() => () => useRegistry.getState().drop(key), [key]);
}

/** What the newest layer that knows the action does. */
export function offerOf(id: ActionId): Offer | undefined {
  return useRegistry.getState().layers.findLast((layer) => layer.offers[id])?.offers[id];
}

/** All actions that do something now. */
export function useOffered(): { id: ActionId; offer: Offer }[] {
  const layers = useRegistry((state) => state.layers);
  return actionIds.flatMap((id) => {
    const offer = layers.findLast((layer) => layer.offers[id])?.offers[id];
    return offer ? [{ id, offer }] : [];
  });
}

/** The shortcut of an action as the person has it. */
export function keysOf(id: ActionId): string | undefined {
  return usePrefs.getState().shortcuts[id] ?? actions[id].keys;
}

/** The shortcut to show in place; nothing when single keys are off or nobody offers it. */
export function useKeys(id: ActionId): string | undefined {
  const own = usePrefs((prefs) => prefs.shortcuts[id]);
  const singles = usePrefs((prefs) => prefs.single_keys);
  const offered = useRegistry((state) => state.layers.some((layer) => layer.offers[id]));
  const keys = own ?? actions[id].keys;
  if (!keys || !offered) return undefined;
  return singles || /(Mod|Ctrl|Alt)\+/.test(keys) ? keys : undefined;
}
