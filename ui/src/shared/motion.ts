/** How what was dragged comes to rest: at once for whoever asked for less motion. */
export function settling(): { duration: number } | null {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  return still ? null : { duration: 200 };
}
