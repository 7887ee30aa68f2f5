import { useState } from "react";
import { useTranslation } from "react-i18next";
import { clock, dayKey, Heading, machineZone, shortDay, weekday } from "@/shared";
import { CompareSheet } from "../compare-sheet";
import { useComposer } from "../use-composer";

/** `09:41` today, `Sun` this week, else the day. */
export function shortWhen(at: string, zone: string, now: number = Date.now()): string {
  if (dayKey(at, zone) === dayKey(now, zone)) return clock(at, zone);
  return now - Date.parse(at) < 6 * 86_400_000 ? weekday(at, zone) : shortDay(at, zone);
}

/** What was saved, by whom, under which name. */
export function Versions() {
  const { t } = useTranslation();
  const { detail, content, touched, body, restore } = useComposer();
  const [from, setFrom] = useState<number>();
  const versions = detail?.versions ?? [];
  const me = t("compose.you");
  const newest = versions[0]?.n;
  const zone = machineZone();
  return (
    <section aria-labelledby="compose-history">
      <Heading
        id="compose-history"
        className="mb-1.5"
        aside={
          newest !== undefined && (touched || versions.length > 1) ? (
            <button
              type="button"
              className="font-medium text-accent-text hover:underline"
              onClick={() => setFrom(touched ? newest : versions[1]?.n)}
            >
              {t("compose.compare")}
            </button>
          ) : undefined
        }
      >
        {t("compose.history")}
      </Heading>
      {versions.length === 0 ? (
        <p className="text-meta text-text-3">{t("compose.no_versions")}</p>
      ) : (
        <ul>
          {versions.slice(0, 8).map((version) => (
            <li key={version.n}>
              <button
                type="button"
                onClick={() => setFrom(version.n)}
                title={t("compose.compare_n", { n: version.n })}
                className="-mx-1.5 flex h-6 w-[calc(100%+12px)] items-center gap-3 rounded-control px-1.5 text-left text-meta hover:bg-hover"
              >
                <span className="tnum w-10 shrink-0 whitespace-nowrap text-text-2">
                  {shortWhen(version.at, zone)}
                </span>
                <span className="ellipsis flex-1">{version.by?.name ?? me}</span>
                <span className="font-mono text-journal text-text-3">
                  {version.hash.slice(0, 4)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {from === undefined ? null : (
        <CompareSheet
          content={content}
          versions={versions}
          typed={touched ? body : undefined}
          start={{ from, to: touched || newest === undefined ? "typed" : newest }}
          {...(restore ? { onRestore: restore } : {})}
          onClose={() => setFrom(undefined)}
        />
      )}
    </section>
  );
}
