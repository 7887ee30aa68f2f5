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
import { useRef, useState } from "react";
import type { CalendarEntry, FreeSlot } from "@/bindings";
import { settling } from "@/shared/motion";
import { clock, dayKey, weekday } from "@/shared/time";
import { useCalendar } from "./context";
import { DayCell } from "./day";
import { DragTip } from "./drag-tip";
import { type Day, dayAfterKey } from "./month";
import { roughInstant, slotOn, wallOnDay } from "./moving";

interface Drag {
  entry: CalendarEntry;
  day: Day | undefined;
}

/** The month as weeks of days; by pointer and by keys. */
export function MonthGrid({
  weeks,
  month,
  first,
  byDay,
  freeByDay,
  focus,
  onFocus,
  label,
}: {
  weeks: readonly Day[][];
  month: string;
  first: number;
  byDay: ReadonlyMap<Day, CalendarEntry[]>;
  freeByDay: ReadonlyMap<Day, FreeSlot[]>;
  focus: Day;
  onFocus: (day: Day) => void;
  label: string;
}) {
  const { zone, free, move } = useCalendar();
  const [drag, setDrag] = useState<Drag>();
  const box = useRef<HTMLDivElement>(null);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }));

  const over = (event: DragMoveEvent | DragEndEvent): Day | undefined =>
    event.over?.data.current?.day as Day | undefined;
  const plan = (entry: CalendarEntry, day: Day) => {
    const slot =
      day === dayKey(entry.planned.at, zone) ? undefined : slotOn(free, entry, day, zone);
    const wall = wallOnDay(entry, day, zone);
    const at = slot ? Date.parse(slot.planned.at) : roughInstant(entry, wall);
    return { slot, wall, at };
  };
  const drop = (event: DragEndEvent) => {
    const day = over(event);
    setDrag(undefined);
    if (!drag || !day || day === dayKey(drag.entry.planned.at, zone)) return;
    const { slot, wall } = plan(drag.entry, day);
    if (slot) move.to(drag.entry, slot.planned);
    else move.toWall(drag.entry, wall);
  };

  const focusDay = (day: Day) => {
    const cell = () => box.current?.querySelector<HTMLElement>(`[data-day="${day}"]`);
    const there = cell();
    onFocus(day);
    // At once, so that the next key starts from there; only another month has yet to be drawn.
    if (there) there.focus();
    else setTimeout(() => cell()?.focus(), 0);
  };
  const byKey = (event: React.KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const cell = target.closest<HTMLElement>("[data-day]");
    if (!cell || event.altKey || event.metaKey || event.ctrlKey) return;
    const entries = [...cell.querySelectorAll<HTMLElement>("[data-entry]")];
    const at = entries.indexOf(target);
    if (at >= 0) {
      if (event.key === "Escape") cell.focus();
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
    focusDay(next);
  };

  const ghostDay =
    drag?.day !== undefined && drag.day !== dayKey(drag.entry.planned.at, zone)
      ? drag.day
      : undefined;
  const planned = drag && ghostDay ? plan(drag.entry, ghostDay) : undefined;
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      onDragStart={(event) =>
        setDrag({ entry: event.active.data.current?.entry as CalendarEntry, day: undefined })
      }
      onDragMove={(event) => {
        const day = over(event);
        setDrag((old) => (old && old.day !== day ? { ...old, day } : old));
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
        <div role="row" className="sticky top-0 z-10 grid shrink-0 grid-cols-7 bg-surface">
          {weeks[0]?.map((day) => (
            // biome-ignore lint/a11y/useFocusableInteractive: in a grid only the cells take the focus
            <div
              key={day}
              role="columnheader"
              className="flex h-6 items-center border-r border-b border-line px-2 text-meta text-text-2"
            >
              {weekday(`${day}T12:00:00Z`, "UTC")}
            </div>
          ))}
        </div>
        {weeks.map((week) => (
          // biome-ignore lint/a11y/useFocusableInteractive: in a grid only the cells take the focus
          <div key={week[0]} role="row" className="grid min-h-28 flex-1 grid-cols-7">
            {week.map((day) => (
              <DayCell
                key={day}
                day={day}
                month={month}
                entries={byDay.get(day) ?? []}
                free={freeByDay.get(day) ?? []}
                focused={day === focus}
                onFocus={() => onFocus(day)}
                ghost={
                  drag && planned && day === ghostDay
                    ? {
                        entry: drag.entry,
                        time: clock(planned.at, zone),
                        slot: planned.slot !== undefined,
                      }
                    : undefined
                }
              />
            ))}
          </div>
        ))}
      </div>
      <DragOverlay dropAnimation={settling()}>
        {drag ? (
          <DragTip
            entry={drag.entry}
            target={planned && { at: planned.at, why: planned.slot ? "to_slot" : "same_wall" }}
          />
        ) : null}
      </DragOverlay>
    </DndContext>
  );
}
