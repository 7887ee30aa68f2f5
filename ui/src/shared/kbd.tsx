import { clsx } from "clsx";
import { keyBoxes } from "./keys";

/** A shortcut as one box per key. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  const boxes = keyBoxes(keys);
  return (
    <span className={clsx("inline-flex shrink-0 gap-[3px]", className)} aria-hidden>
      {boxes.map((box, at) => (
        // A chord's boxes never change their order.
        // biome-ignore lint/suspicious/noArrayIndexKey: the same face can come twice ("G G")
        <kbd key={at} className="key">
          {box}
        </kbd>
      ))}
    </span>
  );
}
