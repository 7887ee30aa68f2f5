import type {
  Account,
  Choices,
  Network,
  Options,
  PollLimits,
  Replies,
  Visibility,
} from "@/bindings";
import type { Tab } from "../../model";

/** A value, and the networks among those asked that have it. */
export interface Offer<T> {
  value: T;
  on: string[];
}

/** What can be chosen for a text: only what a network has that gets it. */
export interface Offered {
  /** The networks that get the text. */
  networks: string[];
  visibility: Offer<Visibility>[];
  replies: Offer<Replies>[];
  labels: Offer<string>[];
  content_warning: string[];
  sensitive: string[];
  quotes_off: string[];
  made_with_ai: string[];
  quote: string[];
  /** The networks that have polls. */
  polls: string[];
  /** What a poll may be on all of them. */
  poll: PollLimits | undefined;
}

/** The networks that get the text of a tab. */
export function networksOf(tab: Tab, tabs: readonly Tab[]): string[] {
  const heirs = tab.key === "shared" ? tabs.filter((one) => one.network && !one.own) : [tab];
  return [...new Set(heirs.flatMap((one) => one.network ?? []))];
}

/** What the networks of a text offer; an account's own limits come before its network's. */
export function offeredTo(
  ids: readonly string[],
  networks: readonly Network[],
  accounts: readonly Account[],
): Offered {
  const asked = ids.flatMap((id) => networks.find((one) => one.id === id) ?? []);
  const having = (has: (choices: Choices) => boolean) =>
    asked.filter(({ choices }) => has(choices)).map(({ id }) => id);
  const offers = <T>(list: (choices: Choices) => readonly T[]): Offer<T>[] =>
    [...new Set(asked.flatMap(({ choices }) => list(choices)))].map((value) => ({
      value,
      on: having((choices) => list(choices).includes(value)),
    }));
  const limits = asked.flatMap(({ id, limits: pack }) => {
    const live = accounts.filter((one) => one.network === id).map((one) => one.limits);
    const polls = (live.length > 0 ? live : [pack]).flatMap(({ poll }) => poll ?? []);
    return polls.length > 0 ? [{ id, poll: polls.reduce(narrower) }] : [];
  });
  return {
    networks: asked.map(({ id }) => id),
    visibility: offers((choices) => choices.visibility),
    replies: offers((choices) => choices.replies),
    labels: offers((choices) => choices.labels),
    content_warning: having((choices) => choices.content_warning),
    sensitive: having((choices) => choices.sensitive),
    quotes_off: having((choices) => choices.quotes_off),
    made_with_ai: having((choices) => choices.made_with_ai),
    quote: having((choices) => choices.quote),
    polls: limits.map(({ id }) => id),
    poll: limits.length > 0 ? limits.map(({ poll }) => poll).reduce(narrower) : undefined,
  };
}

/** What fits two networks fits within both. */
function narrower(a: PollLimits, b: PollLimits): PollLimits {
  return {
    min_choices: Math.max(a.min_choices, b.min_choices),
    max_choices: Math.min(a.max_choices, b.max_choices),
    max_choice_length: Math.min(a.max_choice_length, b.max_choice_length),
    min_minutes: Math.max(a.min_minutes, b.min_minutes),
    max_minutes: Math.min(a.max_minutes, b.max_minutes),
    multiple: a.multiple && b.multiple,
    hide_totals: a.hide_totals && b.hide_totals,
    with_pictures: a.with_pictures && b.with_pictures,
  };
}

/** Chooses; what is as if never chosen leaves no trace. */
export function choose<T extends object>(options: T, change: Partial<T>): T {
  const next = Object.entries({ ...options, ...change }).filter(
    ([, value]) =>
      value !== undefined &&
      value !== false &&
      value !== "" &&
      !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(next) as T;
}

/** How long a poll usually runs, in minutes. */
const DURATIONS = [5, 30, 60, 360, 720, 1440, 4320, 10_080] as const;

/** The durations to choose from: those that fit, and the chosen one whatever it is. */
export function durationsOf(limits: PollLimits | undefined, chosen: number): number[] {
  const fit = DURATIONS.filter(
    (minutes) => !limits || (minutes >= limits.min_minutes && minutes <= limits.max_minutes),
  );
  return [...new Set([...fit, chosen])].sort((a, b) => a - b);
}

/** A poll to begin with: two empty choices for a day, or as near as the networks take it. */
export function newPoll(limits: PollLimits): NonNullable<Options["poll"]> {
  const minutes = Math.min(Math.max(1440, limits.min_minutes), limits.max_minutes);
  return { choices: Array(Math.max(2, limits.min_choices)).fill(""), minutes };
}
