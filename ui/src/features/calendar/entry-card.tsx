import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CalendarEntry } from "@/bindings";
import { Button, Field, NetworkTiles, PersonaName, StatusWord } from "@/shared";
import { clock, dayAndClock, machineZone, shortDay, zoneCity, zonesDiffer } from "@/shared/time";
import { useGo } from "@/shell/go";
import { useCalendar } from "./context";
import { coverOf, nextSlot, roughInstant } from "./moving";

/** What an entry is, and every way to move it without dragging. */
export function EntryCard({ entry, close }: { entry: CalendarEntry; close: () => void }) {
  const { t } = useTranslation();
  const { zone, free, view, move } = useCalendar();
  const go = useGo();
  const { planned } = entry;
  const slot = nextSlot(free, entry);
  const networks = [...new Set(entry.targets.map((one) => one.network))];
  const act = (run: () => void) => () => {
    close();
    run();
  };
  return (
    <div>
      <p className="font-strong" dir="auto" data-selectable>
        {entry.headline}
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-meta text-text-2">
        <StatusWord status={entry.status} />
        <PersonaName name={entry.persona.name} hue={entry.persona.hue} />
        <NetworkTiles networks={networks} siteWord={t("network.site")} />
      </p>
      <p className="tnum mt-1 text-meta text-text-2">
        {shortDay(planned.at, zone)}, {clock(planned.at, zone)}
        {zonesDiffer(planned.zone, zone, planned.at)
          ? t("approvals.in_zone", {
              time: clock(planned.at, planned.zone),
              city: zoneCity(planned.zone),
            })
          : ""}
      </p>
      {planned.shift === "none" ? null : (
        <p className="mt-1 text-meta text-warn-fg">{t("calendar.shifted")}</p>
      )}
      {entry.covered_until ? (
        <p className="mt-1 flex items-start gap-1.5 text-meta text-text-2">
          <ShieldCheck
            size={14}
            strokeWidth={1.75}
            aria-hidden
            className="mt-px shrink-0 text-ok-dot"
          />
          {t("calendar.covered", { when: dayAndClock(entry.covered_until, zone) })}
        </p>
      ) : null}
      <div className="mt-2.5 flex flex-wrap gap-1.5">
        <Button
          size="row"
          kind="primary"
          onClick={act(() => go({ type: "content", id: entry.content }))}
        >
          {t("common.open")}
        </Button>
        {entry.movable ? (
          <>
            {slot ? (
              <Button size="row" onClick={act(() => move.to(entry, slot.planned))}>
                {t("calendar.next_slot", { when: dayAndClock(slot.planned.at, zone) })}
              </Button>
            ) : null}
            <Button size="row" keys="Alt+ArrowLeft" onClick={act(() => move.byDays(entry, -1))}>
              {t("calendar.day_earlier")}
            </Button>
            <Button size="row" keys="Alt+ArrowRight" onClick={act(() => move.byDays(entry, 1))}>
              {t("calendar.day_later")}
            </Button>
            {view === "week" ? (
              <>
                <Button
                  size="row"
                  keys="Alt+ArrowUp"
                  onClick={act(() => move.byMinutes(entry, -30))}
                >
                  {t("calendar.half_hour_earlier")}
                </Button>
                <Button
                  size="row"
                  keys="Alt+ArrowDown"
                  onClick={act(() => move.byMinutes(entry, 30))}
                >
                  {t("calendar.half_hour_later")}
                </Button>
              </>
            ) : (
              <Button size="row" keys="Alt+ArrowDown" onClick={act(() => move.byDays(entry, 7))}>
                {t("calendar.week_later")}
              </Button>
            )}
          </>
        ) : null}
      </div>
      {entry.movable ? (
        <PickTime entry={entry} onPick={(wall) => act(() => move.toWall(entry, wall))()} />
      ) : (
        <p className="mt-2 text-meta text-text-3">{t("calendar.fixed")}</p>
      )}
    </div>
  );
}

/** Any day and time, on the wall of the zone in which the person thought. */
function PickTime({ entry, onPick }: { entry: CalendarEntry; onPick: (wall: string) => void }) {
  const { t } = useTranslation();
  const { now } = useCalendar();
  const [wall, setWall] = useState(entry.planned.wall.slice(0, 16));
  const same = wall === entry.planned.wall.slice(0, 16);
  const at = roughInstant(entry, wall);
  const past = at <= now;
  const cover = coverOf(entry, at);
  return (
    <form
      className="mt-3 border-t border-line pt-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!same && !past) onPick(wall);
      }}
    >
      <div className="flex items-end gap-2">
        <Field
          type="datetime-local"
          label={
            entry.planned.zone === machineZone()
              ? t("calendar.pick")
              : t("calendar.pick_in", { city: zoneCity(entry.planned.zone) })
          }
          value={wall}
          onText={setWall}
          boxClassName="flex-1"
          className="tnum"
        />
        <Button
          submit
          off={same ? t("calendar.same_time") : past ? t("problem.time_in_past") : false}
          onClick={() => {}}
        >
          {t("calendar.move")}
        </Button>
      </div>
      {same || cover === "none" ? null : <CoverLine cover={cover} />}
    </form>
  );
}

/** Whether an approval stays valid at another time. */
export function CoverLine({ cover }: { cover: "stays" | "lost" }) {
  const { t } = useTranslation();
  return (
    <p className="mt-1.5 flex items-start gap-1.5 text-meta text-text-2">
      {cover === "stays" ? (
        <ShieldCheck
          size={14}
          strokeWidth={1.75}
          aria-hidden
          className="mt-px shrink-0 text-ok-dot"
        />
      ) : (
        <ShieldAlert
          size={14}
          strokeWidth={1.75}
          aria-hidden
          className="mt-px shrink-0 text-warn-dot"
        />
      )}
      {t(`calendar.cover.${cover}`)}
    </p>
  );
}
