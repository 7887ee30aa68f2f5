import type { TFunction } from "i18next";
import type { Issue, Replies, Visibility } from "@/bindings";
import { labelWord, lasting } from "./options";

/** What the words of an issue need, said as the window says it. */
export function issueArgs(issue: Issue, networks: string, t: TFunction): Record<string, unknown> {
  const { args } = issue;
  return {
    ...args,
    network: networks,
    networks,
    part: issue.segment + 1,
    ...(issue.choice === undefined ? {} : { choice: issue.choice + 1 }),
    ...(args.visibility ? { visibility: t(`visibility.${args.visibility as Visibility}`) } : {}),
    ...(args.replies ? { replies: t(`replies.${args.replies as Replies}`) } : {}),
    ...(args.label ? { label: labelWord(args.label, t) } : {}),
    ...(args.minutes ? { time: lasting(Number(args.limit), t) } : {}),
  };
}
