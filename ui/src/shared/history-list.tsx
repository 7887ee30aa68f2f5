import { useTranslation } from "react-i18next";
import type { HistoryEntry } from "@/bindings";
import { useNamed } from "./named";
import { clock, dayKey, machineZone, tinyDay } from "./time";

/** What happened, newest first: a time, a person, a few words. */
export function HistoryList({
  entries,
  now,
  className,
}: {
  entries: readonly HistoryEntry[];
  now: number;
  className?: string;
}) {
  const { t } = useTranslation();
  const named = useNamed();
  const zone = machineZone();
  const today = dayKey(now, zone);
  return (
    <ol className={className} data-selectable>
      {entries.map((entry) => {
        const when =
          dayKey(entry.at, zone) === today ? clock(entry.at, zone) : tinyDay(entry.at, zone);
        const who = entry.operator
          ? t("history.acting", {
              person: entry.operator.name,
              other: entry.person?.name ?? "",
            })
          : entry.agent
            ? t("history.by_agent", { person: entry.person?.name ?? "" })
            : (entry.person?.name ??
              (entry.args.outside
                ? t("history.outside", { name: entry.args.outside })
                : t("history.rostrum")));
        const what = named(
          // What lay beside it was erased: the words that it needs are gone.
          entry.erased ? "history.erased" : `history.${entry.action}`,
          entry.action.replaceAll("_", " "),
          entry.args.count === undefined
            ? entry.args
            : { ...entry.args, count: Number(entry.args.count) },
        );
        return (
          <li key={entry.n} className="flex gap-2 py-[3px] text-meta text-text-2">
            <time dateTime={entry.at} className="tnum w-12 shrink-0 text-text-3">
              {when}
            </time>
            <span className="min-w-0 break-words">
              {who} {what}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
