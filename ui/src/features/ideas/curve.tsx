import { useTranslation } from "react-i18next";
import type { DayCount } from "@/bindings";
import { figure, tinyDay } from "@/shared";

/** The smallest round number that is not below. */
export function ceiling(most: number): number {
  for (let step = 1; ; step *= 10)
    for (const lead of [2, 4, 5, 10]) if (lead * step >= most) return lead * step;
}

function path(days: readonly DayCount[], width: number, height: number, top: number): string {
  const step = width / Math.max(1, days.length - 1);
  return days
    .map(({ items }, at) => {
      const y = height - (height * items) / top;
      return `${at === 0 ? "M" : "L"}${(at * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join(" ");
}

/** A curve small enough for a line of a list; its numbers are beside the larger one. */
export function Spark({ days }: { days: readonly DayCount[] }) {
  const most = Math.max(1, ...days.map((day) => day.items));
  const last = days.at(-1)?.items ?? 0;
  return (
    <svg width={88} height={24} viewBox="-2 -3 94 30" aria-hidden className="shrink-0">
      <path
        d={path(days, 86, 22, most)}
        fill="none"
        stroke="var(--text-3)"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      <circle cx={86} cy={22 - (22 * last) / most} r={2.5} fill="var(--text-2)" />
    </svg>
  );
}

const W = 460;
const H = 132;

/** Items a day, with a table behind it for those who cannot see it. */
export function Curve({ days, label }: { days: readonly DayCount[]; label: string }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...days.map((day) => day.items));
  const top = ceiling(most);
  const last = days.at(-1);
  const first = days[0];
  if (!first || !last) return null;
  return (
    <figure className="m-0">
      <svg viewBox={`-34 -14 ${W + 44} ${H + 34}`} className="w-full max-w-[560px]" aria-hidden>
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <line
              x1={0}
              x2={W}
              y1={H - (H * value) / top}
              y2={H - (H * value) / top}
              stroke="var(--line)"
            />
            <text
              x={-8}
              y={H - (H * value) / top + 4}
              textAnchor="end"
              className="tnum fill-text-2 text-[11px]"
            >
              {figure(value)}
            </text>
          </g>
        ))}
        <path
          d={path(days, W, H, top)}
          fill="none"
          stroke="var(--accent)"
          strokeWidth={1.75}
          strokeLinejoin="round"
        />
        <circle cx={W} cy={H - (H * last.items) / top} r={3.5} fill="var(--accent)" />
        <text x={0} y={H + 17} className="fill-text-2 text-[11px]">
          {tinyDay(first.day, "UTC")}
        </text>
        <text x={W} y={H + 17} textAnchor="end" className="fill-text-2 text-[11px]">
          {t("ideas.today")}
        </text>
      </svg>
      <figcaption className="sr-only">{label}</figcaption>
      <table className="sr-only">
        <caption>{label}</caption>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row">{tinyDay(day.day, "UTC")}</th>
              <td>{figure(day.items)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
