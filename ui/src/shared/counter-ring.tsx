import { clsx } from "clsx";

/** How near a text is to its limit: a ring that fills, then says how much is over. */
export function CounterRing({
  length,
  limit,
  label,
}: {
  length: number;
  limit: number;
  /** The count in words, for a screen reader. */
  label: string;
}) {
  const left = limit - length;
  const share = limit > 0 ? Math.min(1, length / limit) : 0;
  const near = left >= 0 && left <= Math.max(10, limit * 0.06);
  const round = 2 * Math.PI * 5;
  return (
    <span
      role="img"
      aria-label={label}
      className={clsx(
        "tnum inline-flex items-center gap-1.5 text-base",
        left < 0 ? "font-strong text-bad-fg" : near ? "text-warn-fg" : "text-text-2",
      )}
    >
      <svg viewBox="0 0 14 14" width={14} height={14} fill="none" aria-hidden>
        <circle cx="7" cy="7" r="5" strokeWidth="2" className="stroke-line-2" />
        <circle
          cx="7"
          cy="7"
          r="5"
          strokeWidth="2"
          strokeDasharray={`${share * round} ${round}`}
          transform="rotate(-90 7 7)"
          className={left < 0 ? "stroke-bad-dot" : near ? "stroke-warn-dot" : "stroke-accent"}
        />
      </svg>
      {left < 0 ? `−${-left}` : left}
    </span>
  );
}
