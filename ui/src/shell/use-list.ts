import { useEffect, useState } from "react";
import { useActions } from "./actions";

/**
 * The chosen line of a list: J and K move it, Enter opens it. Follows its item when the list
 * changes under it.
 */
export function useList<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  onOpen: (item: T) => void,
): { at: number; choose: (index: number) => void; chosen: T | undefined } {
  const [state, setState] = useState<{ key: string | undefined; at: number }>({
    key: undefined,
    at: 0,
  });
  const found = items.findIndex((item) => keyOf(item) === state.key);
  const at = found >= 0 ? found : Math.min(state.at, Math.max(0, items.length - 1));
  const chosen = items[at];

  const choose = (index: number) => {
    const bound = Math.max(0, Math.min(index, items.length - 1));
    const item = items[bound];
    setState({ key: item === undefined ? undefined : keyOf(item), at: bound });
  };
  useEffect(() => {
    // Remember the place of the line, so that the next one takes over when it goes.
    if (found >= 0) setState((old) => (old.at === found ? old : { ...old, at: found }));
  }, [found]);

  useActions({
    "list.next": items.length > 0 && (() => choose(at + 1)),
    "list.previous": items.length > 0 && (() => choose(at - 1)),
    "list.open": chosen !== undefined && (() => onOpen(chosen)),
  });
  return { at, choose, chosen };
}
