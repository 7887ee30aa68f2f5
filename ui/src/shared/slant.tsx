import { clsx } from "clsx";
import type { CSSProperties } from "react";

/** The eight hues of personas. */
export type HueName =
  | "glacier"
  | "clay"
  | "plum"
  | "moss"
  | "straw"
  | "heather"
  | "lagoon"
  | "brick";

export const hues: readonly HueName[] = [
  "glacier",
  "clay",
  "plum",
  "moss",
  "straw",
  "heather",
  "lagoon",
  "brick",
];

/** The class that sets `--persona` for everything inside. */
export function hueClass(hue: HueName): string {
  return `persona-${hue}`;
}

/** The 3 px bar leaning 14 degrees. Without a hue it is the accent: the current place. */
export function Slant({
  hue,
  height = 14,
  className,
  style,
}: {
  hue?: HueName;
  height?: number;
  className?: string;
  style?: CSSProperties;
}) {
  return (
    <span
      aria-hidden
      className={clsx(
        "inline-block w-[3px] shrink-0 -skew-x-[14deg] rounded-[1px]",
        hue ? [hueClass(hue), "bg-persona"] : "bg-accent",
        className,
      )}
      style={{ height, ...style }}
    />
  );
}
