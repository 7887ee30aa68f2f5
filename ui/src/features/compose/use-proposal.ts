import { useCallback, useEffect, useRef, useState } from "react";
import type { Wish, Written } from "@/bindings";
import { useCore } from "@/data";
import { problemOf } from "@/platform";

interface Asked {
  persona: string;
  content: string;
  targets: string[];
  wish: Wish;
}

/** One proposal of a model: its words as they come, and all of it at the end. */
export function useProposal() {
  const core = useCore();
  const [said, setSaid] = useState("");
  const [proposal, setProposal] = useState<Written>();
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const ask = useCallback(
    async ({ persona, content, targets, wish }: Asked) => {
      const mine = new AbortController();
      stop.current?.abort();
      stop.current = mine;
      setSaid("");
      setProposal(undefined);
      setError(undefined);
      setRunning(true);
      try {
        const written = (await core.act(
          { type: "write", persona, content, targets, wish },
          {
            onWords: (words) => {
              if (stop.current === mine && !mine.signal.aborted) setSaid((now) => now + words);
            },
            signal: mine.signal,
          },
        )) as Written;
        if (stop.current !== mine) return;
        setProposal(written);
        setSaid(written.text || written.choices.map((one) => one.text).join("\n\n"));
      } catch (failed) {
        if (stop.current !== mine) return;
        setSaid("");
        // Who stops it knows.
        if (problemOf(failed).code !== "cancelled") setError(failed);
      } finally {
        if (stop.current === mine) setRunning(false);
      }
    },
    [core],
  );
  // Nobody waits any more: what still comes is of no question that stands.
  const drop = useCallback(() => {
    stop.current?.abort();
    stop.current = undefined;
    setSaid("");
    setProposal(undefined);
    setError(undefined);
    setRunning(false);
  }, []);
  const cancel = useCallback(() => stop.current?.abort(), []);
  return { said, proposal, error, running, ask, cancel, drop };
}
