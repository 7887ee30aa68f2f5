import type { ReactNode } from "react";
import { Heading } from "@/shared";

/** A part of the settings with its heading. */
export function Block({
  title,
  fact,
  aside,
  children,
}: {
  title: string;
  fact?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="mb-8">
      <Heading
        className="min-h-7 items-center! border-b border-line pb-2"
        fact={fact}
        aside={aside}
      >
        {title}
      </Heading>
      {children}
    </section>
  );
}

/** One choice: what it is, what it means, and its control at the right. */
export function Line({
  title,
  hint,
  children,
}: {
  title: ReactNode;
  hint?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="flex min-h-[46px] items-center justify-between gap-6 border-b border-line py-2">
      <div className="min-w-0">
        <div className="text-text">{title}</div>
        {hint ? <div className="text-meta text-text-3">{hint}</div> : null}
      </div>
      {children ? <div className="flex shrink-0 items-center gap-2">{children}</div> : null}
    </div>
  );
}
