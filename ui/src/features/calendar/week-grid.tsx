import {
  DndContext,
  type DragEndEvent,
  type DragMoveEvent,
  DragOverlay,
  PointerSensor,
  pointerWithin,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CalendarEntry, FreeSlot } from "@/bindings";
import { settling } from "@/shared/motion";
import { dayKey, machineZone, minuteOfDay, zoneCity, zonesDiffer } from "@/shared/time";
import { useCalendar } from "./context";
import { DragTip } from "./drag-tip";
import { draggedTo, HOUR_PX, hoursElsewhere, instantOf, wallAt, wallIn } from "./hours";
import { type Day, dayAfterKey } from "./month";
import { DayHead, WeekDay } from "./week-day";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** What is in sight at first, unless something stands earlier. */
const MORNING = 7;

interface Drag {
  entry: CalendarEntry;
  day: Day | undefined;
  by: number;
}

/** A week as seven columns of hours; by pointer and by keys. */
export function WeekGrid({
  days,
  first,
  byDay,
  freeByDay,
  focus,
  onFocus,
  label,
}: {
  days: readonly Day[];
  first: number;
  byDay: ReadonlyMap<Day, CalendarEntry[]>;
  freeByDay: ReadonlyMap<Day, FreeSlot[]>;
  focus: Day;
  onFocus: (day: Day) => void;
  label: string;
}) {
  const { zone, now, free, move } = useCalendar();
  const [drag, setDrag] = useState<Drag>();
  const box = useRef<HTMLDivElement>(null);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }));
  const here = machineZone();
  const apart = zonesDiffer(here, zone, instantOf(wallAt(focus, 12 * 60), zone));
  const earliest = Math.min(
    MORNING,
    ...days.flatMap((day) =>
      (byDay.get(day) ?? []).map((one) => Math.floor(minuteOfDay(one.planned.at, zone) / 60)),
    ),
  );
  // Another week begins in its morning; what changes within one leaves the view where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (box.current) box.current.scrollTop = earliest * HOUR_PX;
  }, [days[0], zone]);

  const plan = ({ entry, day, by }: Drag) => {
    if (!day) return undefined;
    const slots = free.filter(
      (one) => one.persona === entry.persona.id && dayKey(one.planned.at, zone) === day,
    );
    const from = minuteOfDay(entry.planned.at, zone);
    const minute = draggedTo(
      from,
      by,
      slots.map((one) => minuteOfDay(one.planned.at, zone)),
    );
    const wall = wallAt(day, minute);
    const at = instantOf(wall, zone);
    if (at <= now || (day === dayKey(entry.planned.at, zone) && minute === from)) return undefined;
    const slot = slots.find((one) => minuteOfDay(one.planned.at, zone) === minute);
    return { minute, at, slot, wall };
  };
  const over = (event: DragMoveEvent | DragEndEvent): Day | undefined =>
    event.over?.data.current?.day as Day | undefined;
  const drop = (event: DragEndEvent) => {
    const target = drag && plan({ ...drag, day: over(event), by: event.delta.y });
    setDrag(undefined);
    if (!drag || !target) return;
    const { entry } = drag;
    if (target.slot) move.to(entry, target.slot.planned);
    // A wall in the entry's own zone is what the core resolves; where that is the zone shown, a
    // time that the clocks skip stays what the person meant.
    else
      move.toWall(
        entry,
        entry.planned.zone === zone ? target.wall : wallIn(target.at, entry.planned.zone),
      );
  };

  const byKey = (event: React.KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const cell = target.closest<HTMLElement>("[data-day]");
    if (!cell || event.altKey || event.metaKey || event.ctrlKey) return;
    const entries = [...cell.querySelectorAll<HTMLElement>("[data-entry]")];
    const at = entries.indexOf(target);
    if (at >= 0) {
      if (event.key === "Escape") cell.focus({ preventScroll: true });
      else if (event.key === "ArrowDown") (entries[at + 1] ?? entries[at])?.focus();
      else if (event.key === "ArrowUp") (entries[at - 1] ?? cell).focus();
      else return;
      event.preventDefault();
      return;
    }
    if (target !== cell) return;
    if (event.key === "Enter" && entries[0]) {
      event.preventDefault();
      entries[0].focus();
      return;
    }
    const next = dayAfterKey(cell.dataset.day ?? "", event.key, first);
    if (!next) return;
    event.preventDefault();
    onFocus(next);
    // The column may only exist after the week has changed.
    setTimeout(
      () =>
        box.current
          ?.querySelector<HTMLElement>(`[data-day="${next}"]`)
          ?.focus({ preventScroll: true }),
      0,
    );
  };

  const target = drag && plan(drag);
  const gutter = apart ? 104 : 56;
  const columns = { gridTemplateColumns: `${gutter}px repeat(7, minmax(0, 1fr))` };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      onDragStart={(event) =>
        setDrag({ entry: event.active.data.current?.entry as CalendarEntry, day: undefined, by: 0 })
      }
      onDragMove={(event) => {
        const day = over(event);
        setDrag((old) => (old ? { ...old, day, by: event.delta.y } : old));
      }}
      onDragEnd={drop}
      onDragCancel={() => setDrag(undefined)}
    >
      <div
        ref={box}
        role="grid"
        aria-label={label}
        onKeyDown={byKey}
        className="flex min-h-0 flex-1 flex-col overflow-y-auto"
      >
        {/* biome-ignore lint/a11y/useFocusableInteractive: in a grid only the cells take the focus */}
        <div
          role="row"
          className="sticky top-0 z-20 grid shrink-0 border-b border-line bg-surface"
          style={columns}
        >
          <Zones here={apart ? here : undefined} zone={zone} />
          {days.map((day) => (
            <DayHead key={day} day={day} />
          ))}
        </div>
        {/* biome-ignore lint/a11y/useFocusableInteractive: in a grid only the cells take the focus */}
        <div role="row" className="relative grid shrink-0" style={columns}>
          <Gutter day={focus} zone={zone} here={apart ? here : undefined} />
          {days.map((day) => (
            <WeekDay
              key={day}
              day={day}
              entries={byDay.get(day) ?? []}
              free={freeByDay.get(day) ?? []}
              focused={day === focus}
              onFocus={() => onFocus(day)}
              ghost={
                drag && target && day === drag.day
                  ? {
                      entry: drag.entry,
                      minute: target.minute,
                      slot: target.slot !== undefined,
                    }
                  : undefined
              }
            />
          ))}
        </div>
      </div>
      <DragOverlay dropAnimation={settling()}>
        {drag ? (
          <DragTip
            entry={drag.entry}
            target={target && { at: target.at, ...(target.slot ? { why: "to_slot" } : {}) }}
          />
        ) : null}
      </DragOverlay>
    </DndContext>
  );
}

/** Whose hours stand at the left: the zone shown, and this computer's where it differs. */
function Zones({ here, zone }: { here: string | undefined; zone: string }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: in a grid only the cells take the focus
    <div
      role="columnheader"
      aria-label={t("calendar.hours")}
      className="flex items-center justify-end gap-1 border-r border-line px-1.5 text-axis text-text-3"
    >
      {here ? (
        <span className="ellipsis w-11 text-right" title={t("calendar.this_computer")}>
          {zoneCity(here)}
        </span>
      ) : null}
      <span className="ellipsis w-11 text-right text-text-2">{zoneCity(zone)}</span>
    </div>
  );
}

function Gutter({ day, zone, here }: { day: Day; zone: string; here: string | undefined }) {
  const there = here ? hoursElsewhere(day, zone, here) : [];
  return (
    <div aria-hidden className="border-r border-line">
      {HOURS.map((hour) => (
        <div
          key={hour}
          className="tnum flex justify-end gap-1 px-1.5 text-axis"
          style={{ height: HOUR_PX }}
        >
          {hour === 0 ? null : (
            <>
              {there[hour] ? (
                <span className="-mt-2 w-11 text-right whitespace-nowrap text-text-3">
                  {there[hour].time}
                  {there[hour].days === 0 ? null : <sup>{there[hour].days > 0 ? "+1" : "−1"}</sup>}
                </span>
              ) : null}
              <span className="-mt-2 w-11 text-right text-text-2">
                {wallAt(day, hour * 60).slice(11)}
              </span>
            </>
          )}
        </div>
      ))}
    </div>
  );
}
