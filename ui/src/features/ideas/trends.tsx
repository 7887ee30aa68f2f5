import { clsx } from "clsx";
import { BellOff, ChevronLeft, TrendingUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Ideas, TrendView } from "@/bindings";
import { useChange } from "@/data";
import {
  Button,
  Chip,
  EmptyState,
  figure,
  Heading,
  IconButton,
  MarkOutline,
  Pane,
  PersonaName,
  Slant,
  say,
} from "@/shared";
import { useNow } from "@/shared/use-now";
import { sayProblem } from "@/shell";
import { useActions } from "@/shell/actions";
import { useNarrow } from "@/shell/width";
import { Curve, Spark } from "./curve";
import { EvidenceList } from "./evidence";
import { SuggestionCard } from "./suggestion";
import { Reasons, tenths, times } from "./why";

/** What rises, on the left; one of them, and what one could do with it. */
export function Trends({
  ideas,
  chosen: wanted,
  onChoose,
  onSources,
}: {
  ideas: Ideas;
  chosen: string | undefined;
  onChoose: (trend: string) => void;
  onSources: () => void;
}) {
  const { t } = useTranslation();
  const single = useNarrow("single");
  const drawer = useNarrow("drawer");
  const trends = ideas.trends;
  const chosen = trends.find((one) => one.id === wanted) ?? (single ? undefined : trends[0]);
  const at = trends.findIndex((one) => one.id === chosen?.id);
  const step = (by: number) => {
    const next = trends[Math.max(0, Math.min(at + by, trends.length - 1))];
    if (next) onChoose(next.id);
  };
  useActions({
    "list.next": trends.length > 0 && (() => step(1)),
    "list.previous": trends.length > 0 && (() => step(-1)),
  });
  if (trends.length === 0) {
    return (
      <EmptyState
        picture={<MarkOutline size={40} />}
        title={t(ideas.sources === 0 ? "ideas.none_followed" : "ideas.no_trends")}
        body={t(ideas.sources === 0 ? "ideas.none_followed_body" : "ideas.no_trends_body")}
        actions={
          <Button kind={ideas.sources === 0 ? "primary" : "plain"} onClick={onSources}>
            {t(ideas.sources === 0 ? "ideas.follow" : "ideas.sources")}
          </Button>
        }
      />
    );
  }
  const doing = ideas.suggestions.filter((one) => one.facts.trend === chosen?.id);
  const list = (
    <ul className="flex min-h-0 flex-1 flex-col overflow-y-auto" aria-label={t("ideas.trends")}>
      {trends.map((trend) => (
        <li key={trend.id}>
          <Line trend={trend} current={trend.id === chosen?.id} onOpen={() => onChoose(trend.id)} />
        </li>
      ))}
      <li className="px-4 py-3 text-meta text-text-2">{t("ideas.trend_means")}</li>
    </ul>
  );
  const cards = (
    <>
      <Heading className="pb-2">{t("ideas.could_do")}</Heading>
      {doing.length > 0 ? (
        doing.map((one) => <SuggestionCard key={one.id} suggestion={one} evidence={false} />)
      ) : (
        <p className="text-base text-text-2">{t("ideas.could_do_nothing")}</p>
      )}
    </>
  );
  return (
    <div className="flex min-h-0 flex-1">
      {single && chosen ? null : single ? (
        list
      ) : (
        <Pane
          place="ideas.trends"
          side="start"
          initial={360}
          min={272}
          max={392}
          label={t("ideas.trends")}
        >
          {list}
        </Pane>
      )}
      {chosen ? (
        <section
          className="min-h-0 min-w-0 flex-1 overflow-y-auto px-6 py-4"
          aria-label={chosen.facts.title}
        >
          {single ? (
            <IconButton
              label={t("common.back")}
              icon={<ChevronLeft size={18} strokeWidth={1.75} aria-hidden />}
              onClick={() => onChoose("")}
              className="-ml-2"
            />
          ) : null}
          <One trend={chosen} />
          {drawer ? <div className="mt-6 border-t border-line pt-4">{cards}</div> : null}
        </section>
      ) : null}
      {chosen && !drawer ? (
        <Pane
          place="ideas.do"
          side="end"
          initial={320}
          min={276}
          max={372}
          label={t("ideas.could_do")}
        >
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{cards}</div>
        </Pane>
      ) : null}
    </div>
  );
}

function Line({
  trend,
  current,
  onOpen,
}: {
  trend: TrendView;
  current: boolean;
  onOpen: () => void;
}) {
  const { t } = useTranslation();
  const { facts } = trend;
  return (
    <button
      type="button"
      aria-current={current || undefined}
      onClick={onOpen}
      className={clsx(
        "flex min-h-14 w-full items-center gap-3 border-b border-line px-4 py-2 text-left outline-offset-[-2px]!",
        current ? "selected bg-selected" : "hover:bg-hover",
      )}
    >
      <span className="min-w-0 flex-1">
        <span className="ellipsis block font-strong text-text" dir="auto">
          {facts.title}
        </span>
        <span className="flex items-center gap-1.5 text-meta text-text-2">
          {trend.fits.map(({ persona }) => (
            <span key={persona.id} className="inline-flex">
              <Slant hue={persona.hue} height={11} />
              <span className="sr-only">{persona.name}</span>
            </span>
          ))}
          {t("ideas.items_of", {
            items: t("ideas.items", { count: facts.items }),
            sources: t("ideas.of_sources", { count: facts.sources }),
          })}
        </span>
      </span>
      <Spark days={facts.curve} />
      <span className="tnum w-11 shrink-0 text-right font-strong text-text">
        {t("ideas.times", { times: figure(times(facts.observed, facts.expected_tenths)) })}
      </span>
    </button>
  );
}

function One({ trend }: { trend: TrendView }) {
  const { t } = useTranslation();
  const now = useNow();
  const change = useChange();
  const { facts } = trend;
  const mute = (persona: string, muted: boolean) =>
    change.mutate(
      { mutation: { type: "mute_topic", persona, topic: facts.title, muted } },
      {
        onSuccess: () => {
          if (!muted) return;
          say({
            text: t("ideas.muted", { topic: facts.title }),
            action: {
              label: t("action.undo"),
              keys: "Mod+Z",
              onAct: () => mute(persona, false),
            },
          });
        },
        onError: (error) => sayProblem(error, () => mute(persona, muted)),
      },
    );
  const best = trend.fits[0];
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h2 className="text-title text-text wrap-anywhere" dir="auto">
          {facts.title}
        </h2>
        <Chip
          tone={trend.rising ? "run" : "neutral"}
          icon={<TrendingUp size={13} strokeWidth={1.75} aria-hidden />}
        >
          {t(trend.rising ? "ideas.rising" : "ideas.rose", {
            times: figure(times(facts.observed, facts.expected_tenths)),
          })}
        </Chip>
        {best ? (
          <Button
            kind="ghost"
            className="ml-auto"
            icon={<BellOff size={14} strokeWidth={2} aria-hidden />}
            onClick={() => mute(best.persona.id, true)}
          >
            {t("ideas.not_for", { persona: best.persona.name })}
          </Button>
        ) : null}
      </div>
      <p className="pt-1 pb-3 text-meta text-text-2">
        {t("ideas.observed", {
          observed: figure(facts.observed),
          expected: tenths(facts.expected_tenths),
          hours: facts.hours,
        })}
      </p>
      <Curve days={facts.curve} label={t("ideas.curve", { title: facts.title })} />
      <div className="mt-5 grid grid-cols-2 gap-8 max-xl:grid-cols-1">
        <div>
          <Heading className="pb-2">{t("ideas.why_you")}</Heading>
          {trend.fits.map(({ persona, fit }) => (
            <div key={persona.id} className="pb-3">
              {trend.fits.length > 1 ? (
                <div className="flex items-baseline justify-between pb-1 text-meta text-text-2">
                  <PersonaName name={persona.name} hue={persona.hue} />
                  <span className="tnum">{t("ideas.fits", { percent: fit.relevance })}</span>
                </div>
              ) : null}
              <Reasons why={fit.why} />
            </div>
          ))}
        </div>
        <div>
          <Heading
            className="pb-1"
            fact={t("ideas.shown_of", {
              shown: facts.evidence.length,
              of: figure(facts.items),
            })}
          >
            {t("ideas.evidence")}
          </Heading>
          <EvidenceList items={facts.evidence} now={now} />
        </div>
      </div>
      {facts.terms.length > 1 ? (
        <div className="mt-4 flex flex-wrap items-center gap-1.5 border-t border-line pt-3">
          <span className="pr-1 font-strong text-text">{t("ideas.said_with")}</span>
          {facts.terms.slice(1, 9).map((term) => (
            <span
              key={term}
              dir="auto"
              className="rounded-chip bg-hover px-1.5 py-0.5 text-meta text-text-2"
            >
              {term}
            </span>
          ))}
        </div>
      ) : null}
    </>
  );
}
