import { Field } from "./field";

const HOUR = 60;

/** A time of day, in minutes after midnight. */
export function TimeField({
  label,
  minute,
  onMinute,
}: {
  label: string;
  minute: number;
  onMinute: (minute: number) => void;
}) {
  const two = (value: number) => String(value).padStart(2, "0");
  return (
    <Field
      type="time"
      aria-label={label}
      value={`${two(Math.floor(minute / HOUR))}:${two(minute % HOUR)}`}
      onText={(text) => {
        const [hours = Number.NaN, minutes = Number.NaN] = text.split(":").map(Number);
        if (Number.isFinite(hours + minutes)) onMinute(hours * HOUR + minutes);
      }}
      className="tnum w-24"
    />
  );
}
