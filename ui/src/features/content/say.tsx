import type { ReactNode } from "react";

/** What happened, what it means, and the ways on. */
export function Say({
  title,
  words,
  children,
}: {
  title: string;
  words?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-1">
      <p className="font-strong">{title}</p>
      {words ? (
        <p className="max-w-[560px] text-text-2" data-selectable>
          {words}
        </p>
      ) : null}
      {children ? <div className="mt-1 flex flex-wrap gap-2">{children}</div> : null}
    </div>
  );
}
