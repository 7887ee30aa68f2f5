import { clsx } from "clsx";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { bundled, type DayMark, spread } from "./day-marks";
import { Popover } from "./popover";
import { Slant } from "./slant";

export type { DayMark } from "./day-marks";

export interface DayBest {
  from: number;
  to: number;
  /** 0 to 1. */
  strength: number;
}

const HOUR = 60;

/**
 * A day as a line of hours: best times shaded, a slant and a glyph where posts stand, the brass dot
 * is now. Posts that stand too near each other move aside, their stem stays at the minute; a day with
 * too many for that has them in bundles.
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
  const px = (minute: number) => (Math.max(minute - from * HOUR, 0) / span) * width;
  const beside = spread(marks, px, width);
  /** The minutes that two labels of an hour need between their middles. */
  const apart = (34 / width) * span;
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
      {beside
        ? beside.map(({ mark, shift }) => (
            <Stem key={mark.id} left={at(mark.minute)}>
              <Mark mark={mark} shift={shift} />
            </Stem>
          ))
        : bundled(marks, px, width).map(({ middle, marks }) => (
            <Stem key={middle} left={`${middle}px`}>
              {marks[1] ? <Bundle marks={marks} /> : marks[0] ? <Mark mark={marks[0]} /> : null}
            </Stem>
          ))}
      {hours.map((hour) => (
        <span
          key={hour}
          className={clsx(
            "tnum absolute top-[51px] -translate-x-1/2 text-axis text-text-2",
            now !== undefined && Math.abs(now - hour * HOUR) < apart && "invisible",
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

const MARK = "absolute top-3 flex h-[22px] items-center gap-[7px] rounded-key px-1 hover:bg-hover";

function Stem({ left, children }: { left: string; children: ReactNode }) {
  return (
    <div className="absolute top-0" style={{ left }}>
      {children}
      <span className="absolute top-[35px] left-0 h-[5px] w-px bg-line-2" />
    </div>
  );
}

function Mark({ mark, shift = 0 }: { mark: DayMark; shift?: number }) {
  return (
    <button
      type="button"
      onClick={mark.onOpen}
      aria-label={mark.label}
      title={mark.label}
      className={MARK}
      style={{ transform: `translateX(calc(-50% + ${shift}px))` }}
    >
      <Slant hue={mark.hue} height={11} />
      {mark.glyph}
    </button>
  );
}

/** Posts for which there is only the room of one: counted, and in a list behind that. */
function Bundle({ marks }: { marks: readonly DayMark[] }) {
  const { t } = useTranslation();
  const [first] = marks;
  if (!first) return null;
  const name = t("common.posts_at", { count: marks.length, time: first.time });
  return (
    <Popover
      label={name}
      className="w-80"
      trigger={
        <button
          type="button"
          aria-label={name}
          title={name}
          className={clsx(MARK, "tnum -translate-x-1/2 text-axis text-text-2")}
        >
          <Slant hue={first.hue} height={11} />
          {marks.length}
        </button>
      }
    >
      {(close) => (
        <ul className="max-h-[50vh] overflow-y-auto">
          {marks.map((mark) => (
            <li key={mark.id}>
              <button
                type="button"
                onClick={() => {
                  close();
                  mark.onOpen();
                }}
                className="flex h-7 w-full items-center gap-2 rounded-key px-1.5 text-left hover:bg-hover"
              >
                <Slant hue={mark.hue} height={11} />
                {mark.glyph}
                <span className="ellipsis">{mark.label}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
