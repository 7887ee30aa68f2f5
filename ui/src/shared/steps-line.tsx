import { clsx } from "clsx";
import type { ReactNode } from "react";

/** Steps down a line: a glyph each, joined by a hairline. */
export function StepsLine({
  children,
  label,
  className,
}: {
  children: ReactNode;
  label: string;
  className?: string;
}) {
  return (
    <ol aria-label={label} className={clsx("flex flex-col", className)}>
      {children}
    </ol>
  );
}

/** One step; the line runs on to the next one. */
export function StepOnLine({
  glyph,
  children,
  now,
}: {
  glyph: ReactNode;
  children: ReactNode;
  /** It is this one's turn. */
  now?: boolean;
}) {
  return (
    <li
      aria-current={now ? "step" : undefined}
      className="group relative flex gap-2.5 pb-3.5 last:pb-0"
    >
      <span
        aria-hidden
        className="absolute top-[21px] bottom-[-1px] left-[6.5px] w-px bg-line-2 group-last:hidden"
      />
      <span className="mt-[3px] flex h-3.5 w-3.5 shrink-0 items-center justify-center">
        {glyph}
      </span>
      <div className="min-w-0 flex-1">{children}</div>
    </li>
  );
}
