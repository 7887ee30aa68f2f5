import { clsx } from "clsx";
import type { Slot } from "@/bindings";
import { type HueName, Slant } from "@/shared";
import { weekdayName } from "./weekday";

const FROM = 6 * 60;
const TO = 22 * 60;
const share = (minute: number) =>
  `${(Math.min(Math.max(minute, FROM), TO) - FROM) / ((TO - FROM) / 100)}%`;

/** The week as seven lines of hours, a slant where the persona posts. */
export function WeekPicture({
  slots,
  hue,
  label,
  className,
}: {
  slots: readonly Slot[];
  hue: HueName;
  label: string;
  className?: string;
}) {
  return (
    <div role="img" aria-label={label} className={className}>
      {[1, 2, 3, 4, 5, 6, 7].map((day) => (
        <div key={day} className="flex h-[15px] items-center gap-2">
          <span className="w-7 text-axis text-text-2">{weekdayName(day)}</span>
          <DayTrack slots={slots.filter((one) => one.weekday === day)} hue={hue} />
        </div>
      ))}
      <div className="tnum ml-9 flex justify-between pt-0.5 text-axis text-text-2">
        <span>06</span>
        <span>14</span>
        <span>22</span>
      </div>
    </div>
  );
}

/** One day of it, without what is paused. */
export function DayTrack({
  slots,
  hue,
  className,
}: {
  slots: readonly Slot[];
  hue: HueName;
  className?: string;
}) {
  return (
    <span aria-hidden className={clsx("relative h-3 flex-1", className)}>
      <span className="absolute inset-x-0 top-[4.5px] h-[3px] rounded-full bg-hover" />
      {slots
        .filter((slot) => !slot.paused)
        .map((slot) => (
          <Slant
            key={slot.minute}
            hue={hue}
            height={11}
            className="absolute! top-0.5 -translate-x-1/2"
            style={{ left: share(slot.minute) }}
          />
        ))}
    </span>
  );
}
