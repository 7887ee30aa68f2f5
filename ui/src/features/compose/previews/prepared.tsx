import type { PreparedTarget } from "@/bindings";
import type { Poster } from "./pieces";
import { type Noted, Posts, SitePage } from "./posts";

/** What a version holds for one account, as its network shows it. */
export function PreparedPost({
  target,
  poster,
  title,
  open = false,
  noted,
}: {
  target: PreparedTarget;
  poster: Poster;
  title: string;
  /** Nothing is folded: who decides has to see all of it. */
  open?: boolean;
  noted?: Noted;
}) {
  const props = {
    view: {
      network: target.network,
      identity: target.identity,
      own_text: false,
      segments: target.segments,
      options: target.options ?? {},
      counts: [],
      issues: [],
    },
    poster,
    lang: target.languages[0],
    title,
    typed: [],
    open,
    ...(noted ? { noted } : {}),
  };
  return target.network === "site" ? <SitePage {...props} /> : <Posts {...props} />;
}
