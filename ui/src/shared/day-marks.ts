import type { ReactNode } from "react";
import type { HueName } from "./slant";

/** A post on the line of a day. */
export interface DayMark {
  id: string;
  /** Minutes after midnight. */
  minute: number;
  /** The same, as a clock shows it. */
  time: string;
  hue: HueName;
  glyph: ReactNode;
  label: string;
  onOpen: () => void;
}

/** Pixels that a mark takes. */
const WIDTH = 34;

const byMinute = (marks: readonly DayMark[]) => [...marks].sort((a, b) => a.minute - b.minute);

/**
 * Moves marks that would overlap aside by whole widths, in their order; nothing when there are too
 * many for the line.
 */
export function spread(
  marks: readonly DayMark[],
  px: (minute: number) => number,
  width: number,
): { mark: DayMark; shift: number }[] | undefined {
  let end = Number.NEGATIVE_INFINITY;
  const placed = byMinute(marks).map((mark) => {
    const want = px(mark.minute);
    const is = Math.max(want, end);
    end = is + WIDTH;
    return { mark, shift: is - want };
  });
  // The last one's middle may stand at the end.
  return end - WIDTH <= width || placed.every(({ shift }) => shift === 0) ? placed : undefined;
}

/** Marks that stand within one width of the line, from its beginning. */
export function bundled(
  marks: readonly DayMark[],
  px: (minute: number) => number,
  width: number,
): { middle: number; marks: DayMark[] }[] {
  const most = Math.max(Math.floor(width / WIDTH) - 1, 0);
  const bundles = new Map<number, DayMark[]>();
  for (const mark of byMinute(marks)) {
    const slot = Math.min(Math.floor(px(mark.minute) / WIDTH), most);
    const there = bundles.get(slot);
    if (there) there.push(mark);
    else bundles.set(slot, [mark]);
  }
  return [...bundles].map(([slot, all]) => ({ middle: (slot + 0.5) * WIDTH, marks: all }));
}
