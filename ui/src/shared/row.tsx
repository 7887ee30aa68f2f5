import { clsx } from "clsx";
import type { HTMLAttributes, ReactNode, Ref } from "react";

export type RowHeight = "nav" | "table" | "queue" | "account" | "todo";

const heights: Record<RowHeight, string> = {
  nav: "h-7",
  table: "h-8",
  queue: "h-[34px]",
  account: "h-[46px]",
  todo: "min-h-[54px]",
};

/** One line of a list. Chosen: a ground with radius 6; hover: only a ground. */
export function Row({
  height = "queue",
  selected,
  line = true,
  children,
  className,
  ref,
  ...rest
}: HTMLAttributes<HTMLDivElement> & {
  height?: RowHeight;
  selected?: boolean;
  /** A hairline under it. */
  line?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLDivElement>;
}) {
  return (
    <div
      {...rest}
      ref={ref}
      className={clsx(
        "flex items-center gap-2",
        heights[height],
        selected
          ? "selected rounded-control bg-selected"
          : [line && "border-b border-line", "hover:bg-hover"],
        className,
      )}
    >
      {children}
    </div>
  );
}

/** The heading of a part of a page: words and one quiet fact. */
export function Heading({
  children,
  fact,
  aside,
  className,
  id,
}: {
  children: ReactNode;
  fact?: ReactNode;
  aside?: ReactNode;
  className?: string;
  id?: string;
}) {
  return (
    <div className={clsx("flex items-baseline justify-between gap-3", className)}>
      <h2 id={id} className="text-meta font-strong text-text">
        {children}
        {fact ? <span className="tnum ml-2 font-normal text-text-3">{fact}</span> : null}
      </h2>
      {aside ? <div className="flex items-center gap-2 text-meta text-text-3">{aside}</div> : null}
    </div>
  );
}
