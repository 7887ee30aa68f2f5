import { useEffect } from "react";
import { create } from "zustand";

interface Session {
  /** The core cannot be reached since. */
  lost: number | undefined;
  /** What is chosen in the place, for the palette: a headline. */
  subject: string | undefined;
  palette: boolean;
  keys: boolean;
  templates: boolean;
}

/** What the window itself is doing; no data. */
export const useSession = create<Session>()(() => ({
  lost: undefined,
  subject: undefined,
  palette: false,
  keys: false,
  templates: false,
}));

/** Names what is chosen while the caller is shown; the palette groups what can be done with it. */
export function useSubject(headline: string | undefined): void {
  useEffect(() => {
    useSession.setState({ subject: headline });
    return () => useSession.setState({ subject: undefined });
  }, [headline]);
}
