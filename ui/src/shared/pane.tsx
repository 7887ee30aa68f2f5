import { clsx } from "clsx";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

const KEY = "rostrum.pane.";
const STEP = 16;

function kept(place: string, fallback: number): number {
  const raw = Number(window.localStorage.getItem(KEY + place));
  return Number.isFinite(raw) && raw > 0 ? raw : fallback;
}

/**
 * A column whose inner edge can be dragged; its width is kept per place. Double click resets,
 * and the edge takes arrow keys.
 */
export function Pane({
  place,
  side,
  initial,
  min,
  max,
  children,
  className,
  label,
}: {
  /** The name under which the width is kept. */
  place: string;
  /** On which side of its neighbour it stands; the edge to drag is opposite. */
  side: "start" | "end";
  initial: number;
  min: number;
  max: number;
  children: ReactNode;
  className?: string;
  /** What the pane is, for a screen reader. */
  label: string;
}) {
  const { t } = useTranslation();
  const [width, setWidth] = useState(() => clamp(kept(place, initial), min, max));
  const from = useRef<{ x: number; width: number } | null>(null);

  const set = useCallback(
    (next: number) => {
      const bound = clamp(next, min, max);
      setWidth(bound);
      window.localStorage.setItem(KEY + place, String(bound));
    },
    [min, max, place],
  );
  const grow = side === "start" ? 1 : -1;

  return (
    <div
      role="group"
      aria-label={label}
      className={clsx(
        "relative flex h-full shrink-0 flex-col",
        side === "start" ? "border-r border-line" : "border-l border-line",
        className,
      )}
      style={{ width }}
    >
      {children}
      <div
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t("common.resize", { pane: label })}
        aria-valuenow={width}
        aria-valuemin={min}
        aria-valuemax={max}
        className={clsx(
          "absolute inset-y-0 z-10 w-2 cursor-col-resize touch-none outline-offset-[-2px] transition-colors duration-80 hover:bg-line",
          side === "start" ? "-right-1" : "-left-1",
        )}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { x: event.clientX, width };
        }}
        onPointerMove={(event) => {
          if (!from.current) return;
          set(from.current.width + grow * (event.clientX - from.current.x));
        }}
        onPointerUp={() => {
          from.current = null;
        }}
        onDoubleClick={() => set(initial)}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") set(width + grow * STEP);
          else if (event.key === "ArrowLeft") set(width - grow * STEP);
          else if (event.key === "Home") set(initial);
          else return;
          event.preventDefault();
        }}
      />
    </div>
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.round(value)));
}
