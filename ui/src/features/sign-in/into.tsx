import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Door, Me, ProblemError } from "@/platform";
import { ProblemState } from "@/shell/problem";
import { SignIn } from "./sign-in";

/** Where a link in a letter leads: one place of one organization, after whoever opens it is in. */
export function Into({
  door,
  organization,
  path,
}: {
  door: Door;
  organization: string;
  path: string;
}) {
  const me = useQuery<Me, ProblemError>({
    queryKey: ["door", "me"],
    queryFn: () => door.me(),
    retry: false,
  });
  const places = me.data?.organizations;
  useEffect(() => {
    if (!places) return;
    // Whoever does not belong there stays where they belong.
    const belongs = places.some((place) => place.organization === organization);
    if (belongs) door.enterAt(organization, path);
    else window.location.assign("/");
  }, [places, door, organization, path]);
  if (me.error?.problem.code === "signed_out") {
    return <SignIn door={door} onIn={() => void me.refetch()} />;
  }
  if (me.error) {
    return (
      <div className="flex h-full items-center justify-center bg-bg p-8">
        <ProblemState error={me.error} onAgain={() => void me.refetch()} className="max-w-lg" />
      </div>
    );
  }
  return <div className="h-full bg-bg" />;
}
