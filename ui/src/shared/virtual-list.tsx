import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { type ReactNode, useEffect, useRef } from "react";

/**
 * A windowed list: only the rows in sight exist. Heights are fixed per kind of row. Asks for more
 * when its end comes near.
 */
export function VirtualList<T>({
  items,
  height,
  keyOf,
  render,
  selected,
  onEnd,
  label,
  className,
  onKeyDown,
}: {
  items: readonly T[];
  /** The height of one row in pixels. */
  height: (item: T) => number;
  keyOf: (item: T) => string;
  render: (item: T, index: number) => ReactNode;
  /** The index to keep in sight. */
  selected?: number | undefined;
  onEnd?: (() => void) | undefined;
  label: string;
  className?: string;
  onKeyDown?: (event: React.KeyboardEvent) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const item = items[index];
      return item === undefined ? 0 : height(item);
    },
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    overscan: 12,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the measurements follow the items
  useEffect(() => rows.measure(), [items]);
  useEffect(() => {
    if (selected !== undefined && selected >= 0) rows.scrollToIndex(selected, { align: "auto" });
  }, [selected, rows.scrollToIndex]);

  const shown = rows.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 20) onEnd?.();
  }, [last, items.length, onEnd]);

  return (
    <div
      ref={scroller}
      role="list"
      aria-label={label}
      onKeyDown={onKeyDown}
      className={clsx("min-h-0 flex-1 overflow-y-auto", className)}
    >
      <div className="relative w-full" style={{ height: rows.getTotalSize() }}>
        {shown.map((row) => {
          const item = items[row.index];
          return item === undefined ? null : (
            <div
              key={row.key}
              role="listitem"
              className="absolute inset-x-0 top-0"
              style={{ height: row.size, transform: `translateY(${row.start}px)` }}
            >
              {render(item, row.index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
