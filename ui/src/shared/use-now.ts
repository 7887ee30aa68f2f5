import { useEffect, useState } from "react";

/** The time of this computer, moving on at each full minute: "due in 5 min" must not stand still. */
export function useNow(every = 60_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), every - (now % every) + 20);
    return () => clearTimeout(timer);
  }, [every, now]);
  return now;
}
