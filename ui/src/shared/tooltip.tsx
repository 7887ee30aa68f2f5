import { type ReactElement, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Kbd } from "./kbd";

const WAIT_MS = 450;
const EDGE = 8;

/** A name or a reason, after a short wait on hover and at once on keyboard focus. */
export function Tooltip({
  text,
  keys,
  children,
}: {
  text: string;
  keys?: string;
  children: ReactElement;
}) {
  const id = useId();
  const box = useRef<HTMLSpanElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const [at, setAt] = useState<{ x: number; y: number; above: boolean } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => () => clearTimeout(timer.current), []);

  const place = () => {
    const child = box.current?.firstElementChild;
    // What is open already says what it is.
    if (!child || child.getAttribute("aria-expanded") === "true") return;
    const target = child.getBoundingClientRect();
    const above = target.bottom + 40 > window.innerHeight;
    const x = target.left + target.width / 2;
    setAt({ x, y: above ? target.top - 6 : target.bottom + 6, above });
  };
  // A tip at the edge moves in until all of it is in the window.
  useLayoutEffect(() => {
    const shown = tip.current?.getBoundingClientRect();
    if (!at || !shown || !tip.current) return;
    const out =
      Math.min(0, window.innerWidth - EDGE - shown.right) || Math.max(0, EDGE - shown.left);
    if (out !== 0) tip.current.style.left = `${at.x + out}px`;
  }, [at]);

  const later = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(place, WAIT_MS);
  };
  const away = () => {
    clearTimeout(timer.current);
    setAt(null);
  };

  return (
    // The wrapper only listens; what can be focused is the child.
    // biome-ignore lint/a11y/noStaticElementInteractions: hover and focus of the child are observed
    <span
      ref={box}
      className="contents"
      onMouseEnter={later}
      onMouseLeave={away}
      onMouseDown={away}
      onClick={away}
      onFocus={(event) => {
        if (event.target.matches(":focus-visible")) place();
      }}
      onBlur={away}
      onKeyDown={(event) => {
        if (event.key === "Escape") away();
      }}
      aria-describedby={at ? id : undefined}
    >
      {children}
      {at
        ? createPortal(
            <span
              ref={tip}
              id={id}
              role="tooltip"
              className="fade-in pointer-events-none fixed z-70 flex w-max max-w-72 items-center gap-2 rounded-control bg-raised px-2 py-1 text-meta text-text shadow-float"
              style={{
                left: at.x,
                top: at.y,
                transform: `translate(-50%, ${at.above ? "-100%" : "0"})`,
              }}
            >
              {text}
              {keys ? <Kbd keys={keys} /> : null}
            </span>,
            document.body,
          )
        : null}
    </span>
  );
}
