import { clsx } from "clsx";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type HueName, Slant } from "./slant";

export interface DayMark {
  id: string;
  /** Minutes after midnight. */
  minute: number;
  hue: HueName;
  glyph: ReactNode;
  label: string;
  onOpen: () => void;
}
export interface DayBest {
  from: number;
  to: number;
  /** 0 to 1. */
  strength: number;
}

const HOUR = 60;

/**
 * A day as a line of hours: best times shaded, a slant and a glyph where posts stand, the brass dot
 * is now. Posts that stand too near each other move aside, their stem stays at the minute.
 */
export function DayLine({
  from = 6,
  to = 24,
  now,
  nowText,
  marks,
  best,
  label,
}: {
  /** First and last hour shown. */
  from?: number;
  to?: number;
  now: number | undefined;
  nowText: string;
  marks: readonly DayMark[];
  best: readonly DayBest[];
  label: string;
}) {
  const span = (to - from) * HOUR;
  const at = (minute: number) =>
    `${(Math.min(Math.max(minute - from * HOUR, 0), span) / span) * 100}%`;
  const hours = Array.from({ length: Math.floor((to - from) / 3) + 1 }, (_, n) => from + n * 3);
  const line = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(850);
  useEffect(() => {
    const box = line.current;
    if (!box) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setWidth(entry.contentRect.width);
    });
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  const placed = spread(marks, (minute) => (minute / span) * width);
  /** The minutes that two labels of an hour need between their middles. */
  const beside = (34 / width) * span;
  return (
    <div ref={line} role="group" aria-label={label} className="relative mx-1 h-[72px]">
      <div className="absolute inset-x-0 top-[41px] h-[3px] rounded-full bg-hover" />
      {best.map((time) => (
        <div
          key={`${time.from}-${time.to}`}
          className="absolute top-[41px] h-[3px] bg-heat"
          style={{
            left: at(time.from),
            width: `calc(${at(time.to)} - ${at(time.from)})`,
            opacity: 0.25 + 0.75 * time.strength,
          }}
        />
      ))}
      {placed.map(({ mark, shift }) => (
        <div key={mark.id} className="absolute top-0" style={{ left: at(mark.minute) }}>
          <button
            type="button"
            onClick={mark.onOpen}
            aria-label={mark.label}
            title={mark.label}
            className="absolute top-3 flex h-[22px] items-center gap-[7px] rounded-key px-1 hover:bg-hover"
            style={{ transform: `translateX(calc(-50% + ${shift}px))` }}
          >
            <Slant hue={mark.hue} height={11} />
            {mark.glyph}
          </button>
          <span className="absolute top-[35px] left-0 h-[5px] w-px bg-line-2" />
        </div>
      ))}
      {hours.map((hour) => (
        <span
          key={hour}
          className={clsx(
            "tnum absolute top-[51px] -translate-x-1/2 text-axis text-text-2",
            now !== undefined && Math.abs(now - hour * HOUR) < beside && "invisible",
          )}
          style={{ left: at(hour * HOUR) }}
        >
          {String(hour).padStart(2, "0")}
        </span>
      ))}
      {now !== undefined && now >= from * HOUR ? (
        <>
          <span
            className="absolute top-[37px] size-[11px] -translate-x-1/2 rounded-full bg-brass ring-2 ring-surface"
            style={{ left: at(now) }}
          />
          <span
            className="tnum absolute top-[51px] -translate-x-1/2 text-axis font-strong text-text"
            style={{ left: at(now) }}
          >
            {nowText}
          </span>
        </>
      ) : null}
    </div>
  );
}

/** Moves marks that would overlap aside by whole widths; keeps their order. */
function spread(
  marks: readonly DayMark[],
  px: (minute: number) => number,
): { mark: DayMark; shift: number }[] {
  const WIDTH = 34;
  let end = Number.NEGATIVE_INFINITY;
  return [...marks]
    .sort((a, b) => a.minute - b.minute)
    .map((mark) => {
      const want = px(mark.minute);
      const is = Math.max(want, end);
      end = is + WIDTH;
      return { mark, shift: is - want };
    });
}
