import { Tab, TabGroup, TabList } from "@headlessui/react";
import { clsx } from "clsx";
import type { ReactNode } from "react";

/** Tabs with an accent line under the chosen one; the caller shows the panel. */
export function Tabs<T extends string>({
  value,
  onChange,
  tabs,
  label,
  className,
}: {
  value: T;
  onChange: (value: T) => void;
  tabs: readonly { value: T; label: ReactNode; meta?: ReactNode; fault?: boolean }[];
  label: string;
  className?: string;
}) {
  const at = Math.max(
    0,
    tabs.findIndex((tab) => tab.value === value),
  );
  return (
    <TabGroup
      selectedIndex={at}
      onChange={(index) => {
        const next = tabs[index];
        if (next) onChange(next.value);
      }}
    >
      <TabList aria-label={label} className={clsx("flex gap-4", className)}>
        {tabs.map((tab) => (
          <Tab
            key={tab.value}
            className="group relative flex flex-col items-start justify-center py-1.5 text-left whitespace-nowrap text-text-2 outline-offset-0 hover:text-text data-selected:text-text"
          >
            <span className="text-meta font-medium">{tab.label}</span>
            {tab.meta ? (
              <span className={clsx("tnum text-axis", tab.fault ? "text-bad-fg" : "text-text-3")}>
                {tab.meta}
              </span>
            ) : null}
            <span className="absolute inset-x-0 -bottom-px hidden h-0.5 bg-accent group-data-selected:block" />
          </Tab>
        ))}
      </TabList>
    </TabGroup>
  );
}
