import {
  Menu as HeadlessMenu,
  MenuButton,
  MenuItem,
  MenuItems,
  MenuSeparator,
} from "@headlessui/react";
import { clsx } from "clsx";
import { Fragment, type ReactElement, type ReactNode } from "react";
import { floating } from "./floating";
import { Kbd } from "./kbd";

export interface MenuEntry {
  id: string;
  label: ReactNode;
  icon?: ReactNode;
  keys?: string;
  hint?: ReactNode;
  danger?: boolean;
  /** Why it cannot be done now. */
  off?: string | false;
  onSelect: () => void;
}

/** Groups of verbs behind one button; each shows the key that does the same. */
export function Menu({
  trigger,
  groups,
  align = "end",
}: {
  /** A Button or IconButton. */
  trigger: ReactElement;
  groups: readonly (readonly MenuEntry[])[];
  align?: "start" | "end";
}) {
  const filled = groups.filter((group) => group.length > 0);
  return (
    <HeadlessMenu>
      <MenuButton as={Fragment}>{trigger}</MenuButton>
      <MenuItems
        anchor={{ to: align === "end" ? "bottom end" : "bottom start", gap: 4, padding: 8 }}
        className={clsx(floating, "min-w-44")}
      >
        {filled.map((group, at) => (
          <Fragment key={group[0]?.id}>
            {at > 0 ? <MenuSeparator className="mx-1 my-1 h-px bg-line" /> : null}
            {group.map((entry) => (
              <MenuItem key={entry.id} disabled={Boolean(entry.off)}>
                <button
                  type="button"
                  onClick={entry.onSelect}
                  title={entry.off || undefined}
                  className={clsx(
                    "flex w-full items-center gap-2 rounded-control px-2 py-1 text-left text-base outline-none data-disabled:opacity-50 data-focus:bg-hover",
                    entry.danger ? "text-bad-fg" : "text-text",
                  )}
                >
                  {entry.icon ? <span className="text-text-3">{entry.icon}</span> : null}
                  <span className="flex-1">{entry.label}</span>
                  {entry.hint ? <span className="text-meta text-text-3">{entry.hint}</span> : null}
                  {entry.keys ? <Kbd keys={entry.keys} /> : null}
                </button>
              </MenuItem>
            ))}
          </Fragment>
        ))}
      </MenuItems>
    </HeadlessMenu>
  );
}
