import {
  CalendarPlus,
  CircleHelp,
  Image,
  List,
  type LucideIcon,
  Repeat,
  TrendingUp,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DismissReason, SuggestionKind, SuggestionView } from "@/bindings";
import { newId, useChange } from "@/data";
import {
  Button,
  dayAndClock,
  figure,
  Menu,
  machineZone,
  NetworkTiles,
  networkName,
  PersonaName,
  say,
  tinyDay,
} from "@/shared";
import { useNow } from "@/shared/use-now";
import { sayProblem, useGo } from "@/shell";
import { EvidenceList } from "./evidence";
import { useTitle } from "./title";
import { Reasons } from "./why";

const icons: Record<SuggestionKind, LucideIcon> = {
  join_trend: TrendingUp,
  answer_question: CircleHelp,
  use_again: Repeat,
  make_thread: List,
  other_form: Image,
  fill_gap: CalendarPlus,
};

const reasons: readonly DismissReason[] = [
  "not_our_topic",
  "already_said",
  "wrong_time",
  "too_risky",
  "other",
];

/** What a person can do with a suggestion: take it as an outline, or leave it and say why. */
export function useAnswerTo(suggestion: SuggestionView) {
  const { t } = useTranslation();
  const go = useGo();
  const change = useChange();
  const take = () => {
    const content = newId();
    change.mutate(
      { mutation: { type: "take_suggestion", id: suggestion.id, content } },
      {
        onSuccess: () => go({ type: "edit", id: content }),
        onError: (error) => sayProblem(error, take),
      },
    );
  };
  const reopen = () =>
    change.mutate(
      { mutation: { type: "reopen_suggestion", id: suggestion.id } },
      { onError: (error) => sayProblem(error, reopen) },
    );
  const dismiss = (reason: DismissReason) =>
    change.mutate(
      { mutation: { type: "dismiss_suggestion", id: suggestion.id, reason } },
      {
        onSuccess: () =>
          say({
            text: t(`ideas.dismissed_as.${reason}`),
            action: { label: t("action.undo"), keys: "Mod+Z", onAct: reopen },
          }),
        onError: (error) => sayProblem(error, () => dismiss(reason)),
      },
    );
  return { take, dismiss, reopen, busy: change.isPending };
}

/** One suggestion with its reasons, its evidence, and what one can do. */
export function SuggestionCard({
  suggestion,
  evidence = true,
}: {
  suggestion: SuggestionView;
  /** Whether the items it builds on are shown here. */
  evidence?: boolean;
}) {
  const { t } = useTranslation();
  const now = useNow();
  const { take, dismiss, busy } = useAnswerTo(suggestion);
  const title = useTitle()(suggestion);
  const { facts, accounts, kind } = suggestion;
  const Icon = icons[kind];
  return (
    <article
      aria-label={title}
      className="mb-3 rounded-card px-4 pt-3 pb-3 shadow-[inset_0_0_0_1px_var(--line)]"
    >
      <div className="flex items-center gap-2 text-meta text-text-2">
        <Icon size={14} strokeWidth={1.75} aria-hidden className="shrink-0" />
        <span className="flex-1">{t(`ideas.kind.${kind}`)}</span>
        <NetworkTiles
          networks={[...new Set(accounts.map((one) => one.network))]}
          siteWord={t("network.site")}
        />
      </div>
      {facts.title ? (
        <h2 className="pt-1.5 font-strong text-text wrap-anywhere" dir="auto">
          {facts.title}
        </h2>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-3 pt-0.5 pb-2 text-meta text-text-2">
        <PersonaName name={suggestion.persona.name} hue={suggestion.persona.hue} />
        {facts.planned ? (
          <span className="tnum">
            {t("ideas.could_go", { when: dayAndClock(facts.planned.at, facts.planned.zone) })}
          </span>
        ) : null}
      </div>
      {facts.own && facts.own.headline !== facts.title ? (
        <blockquote className="mb-2 border-l-2 border-line-2 pl-3">
          <p className="line-clamp-3 font-serif text-quote text-text" dir="auto">
            {facts.own.text}
          </p>
          <p className="text-meta text-text-2">
            {t("ideas.own_on", { day: tinyDay(facts.own.at, machineZone()) })}
          </p>
        </blockquote>
      ) : null}
      <Reasons why={facts.why} accounts={accounts} />
      {facts.ranges.map((range) => {
        const account = accounts.find((one) => one.identity === range.account);
        return account ? (
          <p key={range.account} className="tnum pt-1.5 text-meta text-text-2">
            {t("ideas.range", {
              network: networkName(account.network, t("network.site")),
              low: figure(range.low),
              high: figure(range.high),
              posts: figure(range.posts),
            })}
          </p>
        ) : null;
      })}
      {evidence && facts.evidence.length > 0 ? (
        <div className="pt-1.5">
          <EvidenceList items={facts.evidence.slice(0, 3)} now={now} />
        </div>
      ) : null}
      <div className="flex items-center gap-2 pt-3">
        <Button kind="plain" busy={busy} onClick={take}>
          {t("ideas.open_as_draft")}
        </Button>
        <Menu
          align="start"
          trigger={
            <Button kind="ghost" aria-label={t("ideas.dismiss_it", { title })}>
              {t("ideas.dismiss")}
            </Button>
          }
          groups={[
            reasons.map((reason) => ({
              id: reason,
              label: t(`ideas.reason.${reason}`),
              onSelect: () => dismiss(reason),
            })),
          ]}
        />
      </div>
    </article>
  );
}
