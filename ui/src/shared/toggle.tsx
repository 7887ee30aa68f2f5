import { Checkbox as HeadlessCheckbox, Switch as HeadlessSwitch } from "@headlessui/react";
import { clsx } from "clsx";
import { Check, Minus } from "lucide-react";

/** On or off, taking effect at once. */
export function Switch({
  on,
  onChange,
  label,
  disabled,
}: {
  on: boolean;
  onChange: (on: boolean) => void;
  label: string;
  disabled?: boolean;
}) {
  return (
    <HeadlessSwitch
      checked={on}
      onChange={onChange}
      disabled={disabled ?? false}
      aria-label={label}
      className="group relative inline-flex h-4 w-7 shrink-0 rounded-full bg-control transition-colors duration-80 data-checked:bg-accent data-disabled:opacity-50"
    >
      <span className="absolute top-0.5 left-0.5 size-3 rounded-full bg-knob transition-transform duration-80 group-data-checked:translate-x-3 group-data-checked:bg-on-accent" />
    </HeadlessSwitch>
  );
}

/** Chosen or not. */
export function Checkbox({
  on,
  some,
  onChange,
  label,
  className,
}: {
  on: boolean;
  /** Some of a group are chosen. */
  some?: boolean;
  onChange: (on: boolean) => void;
  label: string;
  className?: string;
}) {
  return (
    <HeadlessCheckbox
      checked={on}
      indeterminate={some ?? false}
      onChange={onChange}
      aria-label={label}
      className={clsx(
        "group inline-flex size-3.5 shrink-0 items-center justify-center rounded-key bg-raised shadow-[inset_0_0_0_1.5px_var(--control)] transition-colors duration-80 data-checked:bg-accent data-checked:shadow-none data-indeterminate:bg-accent data-indeterminate:shadow-none",
        className,
      )}
    >
      <Check
        size={11}
        strokeWidth={3}
        aria-hidden
        className="hidden text-on-accent group-data-checked:block"
      />
      <Minus
        size={11}
        strokeWidth={3}
        aria-hidden
        className="hidden text-on-accent group-data-indeterminate:block"
      />
    </HeadlessCheckbox>
  );
}
