import { clsx } from "clsx";
import { CloudOff } from "lucide-react";
import type { ReactNode } from "react";
import { Glyph } from "./glyph";
import { Slant } from "./slant";

/** Nothing here: says what that means and one way on. */
export function EmptyState({
  picture,
  title,
  body,
  actions,
  className,
}: {
  picture?: ReactNode;
  title: string;
  body?: ReactNode;
  actions?: ReactNode;
  className?: string;
}) {
  return (
    <div className={clsx("flex flex-1 flex-col items-center justify-center p-8", className)}>
      {picture ? <div className="mb-3 flex h-10 items-end">{picture}</div> : null}
      <h2 className="text-center text-place text-text">{title}</h2>
      {body ? (
        <p className="mt-1 max-w-[280px] text-center text-base text-balance text-text-2">{body}</p>
      ) : null}
      {actions ? <div className="mt-3 flex gap-2">{actions}</div> : null}
    </div>
  );
}

/** What went wrong, what it means, and the action that mends it, in place. */
export function ErrorState({
  title,
  body,
  action,
  className,
}: {
  title: string;
  body?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div
      role="alert"
      className={clsx(
        "chip flex items-start gap-2.5 rounded-control bg-bad-bg px-3 py-2.5 text-base text-bad-fg",
        className,
      )}
    >
      <Glyph name="ring-cross" size={15} className="mt-[3px]" />
      <div className="min-w-0 flex-1" data-selectable>
        <p className="font-strong">{title}</p>
        {body ? <p className="first-letter:uppercase">{body}</p> : null}
      </div>
      {action}
    </div>
  );
}

/** Rows to come, in the shape of the rows; appears after 150 ms. */
export function SkeletonRows({
  rows = 6,
  height = 34,
  label,
}: {
  rows?: number;
  height?: number;
  label: string;
}) {
  const widths = [58, 44, 66, 52, 40, 61, 48];
  return (
    <div role="status" aria-label={label} className="w-full">
      {Array.from({ length: rows }, (_, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
          key={at}
          className="flex items-center gap-3 border-b border-line px-4"
          style={{ height }}
        >
          <Slant height={11} className="bg-line! opacity-70" />
          <div className="flex-1">
            <div className="skeleton h-2" style={{ width: `${widths[at % widths.length]}%` }} />
          </div>
          <div className="skeleton h-2 w-13" />
          <div className="skeleton h-2 w-17" />
        </div>
      ))}
    </div>
  );
}

/** Reading and writing go on; says since when and what waits. */
export function OfflineStrip({ text, action }: { text: string; action?: ReactNode }) {
  return (
    <div
      role="status"
      className="flex min-h-10 shrink-0 items-center gap-2.5 bg-warn-bg px-5 py-1.5 text-base text-warn-fg"
    >
      <CloudOff size={15} strokeWidth={1.75} aria-hidden />
      <span className="flex-1">{text}</span>
      {action}
    </div>
  );
}

/** A line of hours with two free slots: nothing is planned. */
export function EmptyDayPicture() {
  return (
    <svg width="108" height="34" viewBox="0 0 108 34" aria-hidden fill="none">
      <path d="M2 30h104" strokeWidth="3" strokeLinecap="round" className="stroke-line-2" />
      <path d="M33 30h20M68 30h26" strokeWidth="3" className="stroke-heat" opacity="0.7" />
      <path
        d="m43 8-2.4 13h4l2.4-13ZM81 8l-2.4 13h4L85 8Z"
        strokeDasharray="2.5 2"
        className="stroke-control"
      />
      <circle cx="16" cy="30" r="4" className="fill-brass" />
    </svg>
  );
}

/** Three lines and a full stop: all is decided. */
export function AllDonePicture() {
  return (
    <svg width="88" height="30" viewBox="0 0 88 30" aria-hidden fill="none">
      <path
        d="M2 3h74M2 13h84M2 23h66"
        strokeWidth="3"
        strokeLinecap="round"
        className="stroke-line-2"
      />
      <circle cx="79" cy="23" r="4" className="fill-ok-dot" />
    </svg>
  );
}
