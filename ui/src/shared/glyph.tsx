import type { ReactNode } from "react";

/** Every status glyph of the visual language; a shape of its own each, readable without colour. */
export type GlyphName =
  | "dashed-ring"
  | "ring-dot"
  | "arrow-back"
  | "ring-slash"
  | "ring-check"
  | "clock"
  | "arrow-up"
  | "stop"
  | "half-disc"
  | "octagon"
  | "box"
  | "ring-dash"
  | "hourglass"
  | "question"
  | "missed"
  | "ring-cross"
  | "ring-pause"
  | "ring";

const ring = <circle cx="7" cy="7" r="5.4" />;

const shapes: Record<GlyphName, ReactNode> = {
  "dashed-ring": (
    <circle
      cx="7"
      cy="7"
      r="5.4"
      strokeDasharray="2.9 1.34"
      strokeDashoffset="1.45"
      strokeLinecap="butt"
    />
  ),
  "ring-dot": (
    <>
      {ring}
      <circle cx="7" cy="7" r="1.7" fill="currentColor" stroke="none" />
    </>
  ),
  "arrow-back": <path d="M4.4 2.6 1.9 5.1l2.5 2.5M2.1 5.1h6.5a3.05 3.05 0 0 1 0 6.1H5.8" />,
  "ring-slash": (
    <>
      {ring}
      <path d="m3.3 10.7 7.4-7.4" />
    </>
  ),
  "ring-check": (
    <>
      {ring}
      <path d="m4.7 7.2 1.6 1.6 3.1-3.3" />
    </>
  ),
  clock: (
    <>
      {ring}
      <path d="M7 4.1v3.1l1.9 1.1" />
    </>
  ),
  "arrow-up": (
    <>
      <path d="M7 1.6a5.4 5.4 0 1 1-4.9 3.1" />
      <path d="M7 9.3V5M5.2 6.6 7 4.8l1.8 1.8" />
    </>
  ),
  stop: <circle cx="7" cy="7" r="4" fill="currentColor" stroke="none" />,
  "half-disc": (
    <>
      {ring}
      <path d="M7 1.6a5.4 5.4 0 0 1 0 10.8Z" fill="currentColor" stroke="none" />
    </>
  ),
  octagon: (
    <>
      <path d="M4.75 1.5h4.5l3.25 3.25v4.5L9.25 12.5h-4.5L1.5 9.25v-4.5Z" />
      <path d="m5.3 5.3 3.4 3.4M8.7 5.3 5.3 8.7" />
    </>
  ),
  box: (
    <>
      <path d="M1.5 2.2h11v2.6h-11zM2.6 4.9v6.9h8.8V4.9M5.6 7.3h2.8" />
    </>
  ),
  "ring-dash": (
    <>
      {ring}
      <path d="M4.6 7h4.8" />
    </>
  ),
  hourglass: (
    <path d="M3 1.6h8M3 12.4h8M4 1.8v1.7c0 1.5 3 2.6 3 3.5s-3 2-3 3.5v1.7M10 1.8v1.7C10 5 7 6.1 7 7s3 2 3 3.5v1.7" />
  ),
  question: (
    <>
      <circle
        cx="7"
        cy="7"
        r="5.5"
        strokeDasharray="3.1 1.22"
        strokeDashoffset="1.5"
        strokeLinecap="butt"
      />
      <path d="M5.5 5.6c.1-2.1 3.1-2 3.1-.1 0 1.2-1.5 1.3-1.5 2.4M7.1 9.7v.05" />
    </>
  ),
  missed: (
    <>
      <path d="M9.9 11.6A5.4 5.4 0 1 1 12.3 6" />
      <path d="M7 4.2v2.9h4.4M10 5.6l1.6 1.5L10 8.6" />
    </>
  ),
  "ring-cross": (
    <>
      {ring}
      <path d="m5.2 5.2 3.6 3.6M8.8 5.2 5.2 8.8" />
    </>
  ),
  "ring-pause": (
    <>
      {ring}
      <path d="M5.6 5v4M8.4 5v4" />
    </>
  ),
  ring: ring,
};

/** A 14 px status glyph; decorative, since the word always stands beside it or is its title. */
export function Glyph({
  name,
  size = 14,
  className,
  label,
}: {
  name: GlyphName;
  size?: number;
  className?: string;
  label?: string;
}) {
  return (
    <svg
      viewBox="0 0 14 14"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className ?? ""}`}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {shapes[name]}
    </svg>
  );
}
