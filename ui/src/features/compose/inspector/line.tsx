import type { ReactNode } from "react";

/** A name and what it holds, in the inspector's columns; right: what switches it. */
export function Line({
  label,
  children,
  end,
}: {
  label: string;
  children: ReactNode;
  end?: ReactNode;
}) {
  return (
    <div className="grid min-h-6 grid-cols-[72px_1fr_auto] items-center gap-2 text-meta">
      <span className="text-text-2">{label}</span>
      <span className="min-w-0 justify-self-start">{children}</span>
      {end}
    </div>
  );
}
