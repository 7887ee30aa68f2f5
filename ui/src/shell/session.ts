import { create } from "zustand";

interface Session {
  /** The core cannot be reached since. */
  lost: number | undefined;
  palette: boolean;
  keys: boolean;
}

/** What the window itself is doing; no data. */
export const useSession = create<Session>()(() => ({
  lost: undefined,
  palette: false,
  keys: false,
}));
