/** The lectern in profile and its full stop, as in the icon, on no ground. */
export function Mark({ size = 18 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden className="shrink-0">
      <path
        d="M2.6 9.2c0-.6.4-1.1 1-1.3L20 3.3c.5-.1 1 .2 1.1.7l1 4.1c.1.5-.2.9-.6 1L9.3 12.3v8.4c0 .5-.4.9-.9.9H3.5c-.5 0-.9-.4-.9-.9Z"
        className="fill-accent"
      />
      <circle cx="16.6" cy="17.4" r="4.1" className="fill-brass" />
    </svg>
  );
}

/** The same, drawn as an outline: nothing was found. */
export function MarkOutline({ size = 44 }: { size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden
      fill="none"
      stroke="currentColor"
      strokeWidth="0.8"
      strokeLinejoin="round"
      className="shrink-0 text-control"
    >
      <path d="M4 9.2 19.6 4.6l1 4.1L9 12v9.4H4Z" />
      <circle cx="16.2" cy="17.6" r="3.2" strokeDasharray="1.4 1.1" />
    </svg>
  );
}
