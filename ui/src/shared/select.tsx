import { Listbox, ListboxButton, ListboxOption, ListboxOptions } from "@headlessui/react";
import { clsx } from "clsx";
import { Check, ChevronDown } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Labelled } from "./field";
import { floating } from "./floating";

export interface Choice<T extends string> {
  value: T;
  label: ReactNode;
  hint?: ReactNode;
  /** Text for a screen reader when the label is drawn. */
  name?: string;
}

/** One of several values; `filter` is the small button of a filter row. */
export function Select<T extends string>({
  value,
  onChange,
  choices,
  label,
  look = "field",
  lead,
  error,
  hint,
  className,
  disabled,
}: {
  value: T;
  onChange: (value: T) => void;
  choices: readonly Choice<T>[];
  label: string;
  look?: "field" | "filter";
  lead?: ReactNode;
  error?: string;
  hint?: ReactNode;
  className?: string;
  disabled?: boolean;
}) {
  const id = useId();
  const chosen = choices.find((choice) => choice.value === value);
  const box = (
    <Listbox value={value} onChange={onChange} disabled={disabled ?? false}>
      <ListboxButton
        id={id}
        {...(look === "filter" ? { "aria-label": label } : {})}
        className={clsx(
          "inline-flex items-center justify-between gap-2 rounded-control bg-raised text-left font-medium disabled:opacity-50",
          look === "field"
            ? "h-[30px] w-full px-2.5 font-normal shadow-[inset_0_0_0_1px_var(--edge,var(--control))]"
            : "h-6 shrink-0 px-2 text-meta shadow-[inset_0_0_0_1px_var(--line-2)] hover:bg-hover",
          error && "[--edge:var(--bad-dot)]",
          className,
        )}
      >
        <span className="ellipsis inline-flex items-center gap-1.5">
          {lead}
          {chosen?.label ?? ""}
        </span>
        <ChevronDown size={13} strokeWidth={2} aria-hidden className="shrink-0 text-text-3" />
      </ListboxButton>
      <ListboxOptions
        anchor={{ to: "bottom start", gap: 4, padding: 8 }}
        className={clsx(floating, "min-w-(--button-width)")}
      >
        {choices.map((choice) => (
          <ListboxOption
            key={choice.value}
            value={choice.value}
            aria-label={choice.name}
            className="group flex cursor-default items-center gap-2 rounded-control px-2 py-1 text-base data-focus:bg-hover"
          >
            <Check
              size={14}
              strokeWidth={2}
              aria-hidden
              className="invisible shrink-0 text-accent-text group-data-selected:visible"
            />
            <span className="min-w-0 flex-1">{choice.label}</span>
            {choice.hint ? <span className="text-meta text-text-3">{choice.hint}</span> : null}
          </ListboxOption>
        ))}
      </ListboxOptions>
    </Listbox>
  );
  if (look === "filter") return box;
  return (
    <Labelled label={label} id={id} error={error} hint={hint}>
      {box}
    </Labelled>
  );
}
