import { useTranslation } from "react-i18next";
import type { CalendarEntry, FreeSlot } from "@/bindings";
import { Chip } from "@/shared";
import { clock, longDay } from "@/shared/time";
import { useCalendar } from "./context";
import { Entry } from "./entry";
import type { Day } from "./month";
import { entryKey } from "./moving";

/** The same days one under the other: for narrow windows and for reading aloud. */
export function Agenda({
  days,
  byDay,
  freeByDay,
}: {
  days: readonly Day[];
  byDay: ReadonlyMap<Day, CalendarEntry[]>;
  freeByDay: ReadonlyMap<Day, FreeSlot[]>;
}) {
  const { t } = useTranslation();
  const { today, zone } = useCalendar();
  const shown = days.filter(
    (day) => day === today || byDay.has(day) || (day >= today && freeByDay.has(day)),
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-5 py-3 max-sm:px-3">
      {shown.map((day) => (
        <section key={day} aria-labelledby={`day-${day}`} className="border-b border-line py-2">
          <h2 id={`day-${day}`} className="flex items-center gap-2 px-1 text-meta font-strong">
            {longDay(`${day}T12:00:00Z`, "UTC")}
            {day === today ? (
              <>
                <span aria-hidden className="size-1.5 rounded-full bg-brass" />
                <span className="font-normal text-text-2">{t("calendar.today")}</span>
              </>
            ) : null}
          </h2>
          {(byDay.get(day) ?? []).map((entry) => (
            <Entry key={entryKey(entry)} entry={entry} form="two" tab />
          ))}
          {day >= today
            ? (freeByDay.get(day) ?? []).map((slot) => (
                <p
                  key={`${slot.persona}${slot.planned.at}`}
                  className="px-2 py-1 text-meta text-text-3"
                >
                  <Chip glyph="dashed-ring">
                    <span className="tnum">{clock(slot.planned.at, zone)}</span>{" "}
                    {t("calendar.free")}
                  </Chip>
                </p>
              ))
            : null}
          {!byDay.has(day) && !freeByDay.has(day) ? (
            <p className="px-1 text-meta text-text-3">{t("calendar.nothing")}</p>
          ) : null}
        </section>
      ))}
    </div>
  );
}
