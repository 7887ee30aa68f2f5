import {
  CalendarDays,
  CircleHelp,
  FileText,
  History,
  Image,
  type LucideIcon,
  MessagesSquare,
  PenLine,
  Plus,
  Sparkles,
  TrendingUp,
  Users,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { IdeaAccount, Why } from "@/bindings";
import { brief, figure, machineZone, networkName, tinyDay } from "@/shared";

const icons: Record<Why["type"], LucideIcon> = {
  interest: Users,
  wrote: PenLine,
  said: History,
  rises: TrendingUp,
  did_well: Sparkles,
  old: History,
  never_on: Plus,
  long: FileText,
  plain: Image,
  free: CalendarDays,
  drafts: MessagesSquare,
  asked: CircleHelp,
};

/** A count in tenths as people write it. */
export function tenths(value: number): string {
  return value >= 100 ? figure(Math.round(value / 10)) : String(value / 10);
}

/** How many times the expected was observed, to one decimal. */
export function times(observed: number, expectedTenths: number): number {
  return Math.round((10 * (observed + 0.5)) / (expectedTenths / 10 + 0.5)) / 10;
}

/** Reasons, one line each. */
export function Reasons({
  why,
  accounts = [],
}: {
  why: readonly Why[];
  accounts?: readonly IdeaAccount[];
}) {
  const words = useReason(accounts);
  return (
    <ul className="flex flex-col gap-1.5">
      {why.map((one) => {
        const Icon = icons[one.type];
        return (
          <li key={JSON.stringify(one)} className="flex items-start gap-2.5 text-base text-text-2">
            <Icon size={14} strokeWidth={1.75} aria-hidden className="mt-[3px] shrink-0" />
            <span dir="auto">{words(one)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function useReason(accounts: readonly IdeaAccount[]): (why: Why) => string {
  const { t } = useTranslation();
  const zone = machineZone();
  return (why) => {
    switch (why.type) {
      case "interest":
        return t("ideas.why.interest", {
          interest: why.interest,
          items: figure(why.items),
          of: figure(why.of),
        });
      case "wrote":
        return t("ideas.why.wrote", {
          count: why.posts,
          headline: brief(why.headline),
          day: tinyDay(why.at, zone),
        });
      case "said":
        return t("ideas.why.said", {
          headline: brief(why.headline),
          day: tinyDay(why.at, zone),
        });
      case "rises":
        return t("ideas.why.rises", {
          observed: figure(why.observed),
          expected: tenths(why.expected_tenths),
          hours: why.hours,
          sources: figure(why.sources),
        });
      case "did_well":
        return t("ideas.why.did_well", {
          got: figure(why.got),
          usual: figure(why.usual),
          posts: figure(why.posts),
        });
      case "old":
        return t("ideas.why.old", { day: tinyDay(why.at, zone), year: why.at.slice(0, 4) });
      case "never_on": {
        const named = accounts.filter((one) => why.accounts.includes(one.identity));
        const names = named.map((one) => networkName(one.network, t("network.site")));
        return t("ideas.why.never_on", { networks: [...new Set(names)].join(", ") });
      }
      case "long":
        return t("ideas.why.long", { characters: figure(why.characters) });
      case "plain":
        return t("ideas.why.plain");
      case "free":
        return why.slots === 0
          ? t("ideas.why.nothing_planned", { days: why.days })
          : t("ideas.why.free", { count: why.slots, days: why.days });
      case "drafts":
        return t("ideas.why.drafts", { count: why.count });
      case "asked":
        return t("ideas.why.asked", { interest: why.interest });
    }
  };
}
