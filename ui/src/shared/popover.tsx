import { Popover as HeadlessPopover, PopoverButton, PopoverPanel } from "@headlessui/react";
import { clsx } from "clsx";
import { Fragment, type ReactElement, type ReactNode } from "react";

/** A small panel at its button; Escape and a click outside close it. */
export function Popover({
  trigger,
  children,
  className,
  align = "start",
  label,
}: {
  trigger: ReactElement;
  children: (close: () => void) => ReactNode;
  className?: string;
  align?: "start" | "end";
  /** What the panel is, for a screen reader. */
  label?: string;
}) {
  return (
    <HeadlessPopover>
      <PopoverButton as={Fragment}>{trigger}</PopoverButton>
      <PopoverPanel
        {...(label ? { role: "dialog", "aria-label": label } : {})}
        anchor={{ to: align === "end" ? "bottom end" : "bottom start", gap: 6, padding: 8 }}
        className={clsx(
          "pop-in z-60 rounded-sheet bg-raised p-3 shadow-float outline-none",
          className,
        )}
      >
        {({ close }) => <>{children(close)}</>}
      </PopoverPanel>
    </HeadlessPopover>
  );
}
