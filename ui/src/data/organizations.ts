import { useQuery } from "@tanstack/react-query";
import type { JoinedOrganization, Organizations } from "@/bindings";
import type { ProblemError } from "@/platform";
import { keyOf, useCore } from "./core";

/** The organizations on this computer; nothing where the window is a page of a server. */
export function useOrganizations(): Organizations | undefined {
  const core = useCore();
  const query = { type: "organizations" } as const;
  return useQuery<Organizations, ProblemError>({
    queryKey: keyOf(query),
    queryFn: async () => (await core.query(query)) as Organizations,
    enabled: core.desk !== undefined,
  }).data;
}

/** The organization of a server that the desktop's window shows; nothing over the computer's own. */
export function useMirror(): JoinedOrganization | undefined {
  const shown = useCore().desk?.organization;
  const joined = useOrganizations()?.joined;
  return shown === undefined ? undefined : joined?.find((one) => one.organization === shown);
}

/**
 * Whether the window shows an organization that lives at a server on a desktop: known before the
 * list of them is.
 */
export function useIsMirror(): boolean {
  return useCore().desk?.organization !== undefined;
}
