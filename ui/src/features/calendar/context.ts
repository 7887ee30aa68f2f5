import { createContext, useContext } from "react";
import type { BestHours, CalendarDay, CalendarEntry, FreeSlot, Planned } from "@/bindings";
import type { HueName } from "@/shared";
import type { Day } from "./month";

export type View = "month" | "week" | "list";

/** What every part of the calendar needs. */
export interface CalendarView {
  /** In which zone days are shown. */
  zone: string;
  now: number;
  today: Day;
  free: readonly FreeSlot[];
  view: View;
  /** What a day holds in short, where only its foremost entries are known. */
  inShort: ReadonlyMap<Day, CalendarDay>;
  /** What of the calendar is shown. */
  filter: { persona?: string; network?: string };
  /** Best hours of the personas that are shown; empty while they are switched off. */
  best: readonly BestHours[];
  /** The colour of a persona in use. */
  hueOf: (persona: string) => HueName | undefined;
  move: {
    to: (entry: CalendarEntry, planned: Planned) => void;
    toWall: (entry: CalendarEntry, wall: string) => void;
    byDays: (entry: CalendarEntry, days: number) => void;
    byMinutes: (entry: CalendarEntry, minutes: number) => void;
  };
}

export const CalendarContext = createContext<CalendarView | undefined>(undefined);

export function useCalendar(): CalendarView {
  const view = useContext(CalendarContext);
  if (!view) throw new Error("CalendarContext is missing");
  return view;
}
