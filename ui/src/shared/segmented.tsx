import { Radio, RadioGroup } from "@headlessui/react";
import { clsx } from "clsx";
import type { ReactNode } from "react";

/** A few views or values of which one is chosen. */
export function Segmented<T extends string>({
  value,
  onChange,
  options,
  label,
  className,
}: {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: ReactNode; name?: string }[];
  label: string;
  className?: string;
}) {
  return (
    <RadioGroup
      value={value}
      onChange={onChange}
      aria-label={label}
      className={clsx("inline-flex shrink-0 rounded-control bg-hover p-px", className)}
    >
      {options.map((option) => (
        <Radio
          key={option.value}
          value={option.value}
          aria-label={option.name}
          className="flex h-[26px] cursor-default items-center rounded-[5px] px-2.5 font-medium text-text-2 transition-colors duration-80 hover:text-text data-checked:bg-raised data-checked:text-text data-checked:shadow-[0_0_0_1px_var(--line-2)]"
        >
          {option.label}
        </Radio>
      ))}
    </RadioGroup>
  );
}
