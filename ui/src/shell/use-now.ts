import { useEffect, useState } from "react";

/** The time, looked at again at each full minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const wait = 60_000 - (now % 60_000);
    const timer = setTimeout(() => setNow(Date.now()), wait + 20);
    return () => clearTimeout(timer);
  }, [now]);
  return now;
}
