import { useTranslation } from "react-i18next";
import type { ContentRow } from "@/bindings";
import {
  clock,
  dayKey,
  Heading,
  mediumDay,
  NetworkTiles,
  Slant,
  StatusWord,
  zoneCity,
  zonesDiffer,
} from "@/shared";
import { useGo } from "@/shell";

const DAY_MS = 86_400_000;

/** What goes out next, by day. */
export function Next({
  rows,
  now,
  zone,
}: {
  rows: readonly ContentRow[];
  now: number;
  zone: string;
}) {
  const { t } = useTranslation();
  const days = byDay(rows, zone);
  const today = dayKey(now, zone);
  const tomorrow = dayKey(now + DAY_MS, zone);
  return (
    <section aria-label={t("today.next")}>
      <Heading fact={t("today.times_in", { city: zoneCity(zone) })} className="pb-2">
        {t("today.next")}
      </Heading>
      {days.map(({ day, list }) => (
        <div key={day}>
          {day === today ? null : (
            <h3 className="flex h-7 items-center px-2.5 text-meta text-text-3">
              {day === tomorrow
                ? t("today.tomorrow", { day: mediumDay(list[0]?.at?.at ?? now, zone) })
                : mediumDay(list[0]?.at?.at ?? now, zone)}
            </h3>
          )}
          <ul>
            {list.map((row) => (
              <NextRow key={row.id} row={row} zone={zone} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

/** Rows that follow each other on one day. */
function byDay(rows: readonly ContentRow[], zone: string): { day: string; list: ContentRow[] }[] {
  const days: { day: string; list: ContentRow[] }[] = [];
  for (const row of rows) {
    const day = dayKey(row.at?.at ?? row.changed_at, zone);
    const last = days[days.length - 1];
    if (last?.day === day) last.list.push(row);
    else days.push({ day, list: [row] });
  }
  return days;
}

function NextRow({ row, zone }: { row: ContentRow; zone: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const at = row.at;
  const networks = [...new Set(row.targets.map((target) => target.network))];
  return (
    <li>
      <button
        type="button"
        onClick={() => go({ type: "content", id: row.id })}
        className="flex h-[34px] w-full items-center gap-2.5 border-b border-line px-2.5 text-left outline-offset-[-2px] hover:bg-hover"
      >
        <span className="tnum w-9 shrink-0 text-text-2">{at ? clock(at.at, zone) : ""}</span>
        <Slant hue={row.persona.hue} height={13} className="mx-0.5" />
        <span className="ellipsis flex-1" dir="auto">
          {row.headline}
          {row.parts > 1 ? (
            <span className="text-text-2"> · {t("common.parts", { count: row.parts })}</span>
          ) : null}
        </span>
        {at && zonesDiffer(at.zone, zone, at.at) ? (
          <span className="tnum shrink-0 text-meta text-text-3">
            {t("common.time_in", { time: clock(at.at, at.zone), city: zoneCity(at.zone) })}
          </span>
        ) : null}
        <NetworkTiles networks={networks} siteWord={t("network.site")} />
        <StatusWord status={row.status} className="w-[140px] shrink-0 overflow-hidden" />
      </button>
    </li>
  );
}
