import { RotateCcw, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Ideas, Learned, SuggestionView } from "@/bindings";
import { useChange } from "@/data";
import {
  Button,
  EmptyState,
  figure,
  Heading,
  IconButton,
  MarkOutline,
  Pane,
  PersonaName,
  say,
} from "@/shared";
import { Page, sayProblem } from "@/shell";
import { useNarrow } from "@/shell/width";
import { Fills } from "./fills";
import { SuggestionCard, useAnswerTo } from "./suggestion";
import { useTitle } from "./title";

/** What could be said, the most promising first; beside it what was dismissed and learned. */
export function Suggestions({ ideas, onSources }: { ideas: Ideas; onSources: () => void }) {
  const { t } = useTranslation();
  const drawer = useNarrow("drawer");
  const aside = (
    <>
      <Fills fills={ideas.fills} />
      <Dismissed dismissed={ideas.dismissed} />
      {ideas.learned.map((one) => (
        <WhatWasLearned key={one.persona.id} learned={one} />
      ))}
    </>
  );
  return (
    <div className="flex min-h-0 flex-1">
      <Page className="px-5 py-4">
        {ideas.suggestions.length === 0 ? (
          <EmptyState
            className="pt-16"
            picture={<MarkOutline size={40} />}
            title={t("ideas.no_suggestions")}
            body={t("ideas.no_suggestions_body")}
            actions={
              ideas.sources === 0 ? (
                <Button kind="primary" onClick={onSources}>
                  {t("ideas.follow")}
                </Button>
              ) : null
            }
          />
        ) : (
          <div className="max-w-[640px]">
            {ideas.suggestions.map((one) => (
              <SuggestionCard key={one.id} suggestion={one} />
            ))}
          </div>
        )}
        {drawer ? <div className="mt-4 border-t border-line pt-4">{aside}</div> : null}
      </Page>
      {drawer ? null : (
        <Pane
          place="ideas.learned"
          side="end"
          initial={320}
          min={276}
          max={372}
          label={t("ideas.learned")}
        >
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{aside}</div>
        </Pane>
      )}
    </div>
  );
}

function Dismissed({ dismissed }: { dismissed: readonly SuggestionView[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (dismissed.length === 0) return null;
  const shown = all ? dismissed : dismissed.slice(0, 4);
  return (
    <section className="pb-5">
      <Heading className="pb-1">{t("ideas.dismissed")}</Heading>
      <ul>
        {shown.map((one) => (
          <DismissedLine key={one.id} suggestion={one} />
        ))}
      </ul>
      {dismissed.length > shown.length ? (
        <Button kind="ghost" size="row" onClick={() => setAll(true)}>
          {t("ideas.show_all", { count: dismissed.length })}
        </Button>
      ) : null}
    </section>
  );
}

function DismissedLine({ suggestion }: { suggestion: SuggestionView }) {
  const { t } = useTranslation();
  const { reopen } = useAnswerTo(suggestion);
  const title = useTitle()(suggestion);
  return (
    <li className="flex items-center gap-2 border-b border-line py-1.5">
      <span className="min-w-0 flex-1">
        <span className="ellipsis block text-text" dir="auto">
          {title}
        </span>
        {suggestion.reason ? (
          <span className="block text-meta text-text-2">
            {t(`ideas.reason.${suggestion.reason}`)}
          </span>
        ) : null}
      </span>
      <IconButton
        size="row"
        label={t("ideas.bring_back", { title })}
        icon={<RotateCcw size={14} strokeWidth={1.75} aria-hidden />}
        onClick={reopen}
      />
    </li>
  );
}

/** What a persona's answers changed, in words, with the way to begin anew. */
function WhatWasLearned({ learned }: { learned: Learned }) {
  const { t } = useTranslation();
  const change = useChange();
  const { persona, answers, kinds, muted } = learned;
  const reset = () =>
    change.mutate(
      { mutation: { type: "reset_learning", persona: persona.id } },
      {
        onSuccess: () => say({ text: t("ideas.was_reset", { persona: persona.name }) }),
        onError: (error) => sayProblem(error, reset),
      },
    );
  const unmute = (topic: string) =>
    change.mutate(
      { mutation: { type: "mute_topic", persona: persona.id, topic, muted: false } },
      { onError: (error) => sayProblem(error, () => unmute(topic)) },
    );
  const moved = kinds.filter((one) => Math.abs(one.weight) >= 5);
  if (answers === 0 && muted.length === 0) return null;
  return (
    <section className="pb-5" aria-label={t("ideas.learned_of", { persona: persona.name })}>
      <div className="flex items-baseline justify-between pb-1">
        <h2 className="font-strong text-text">
          <PersonaName name={persona.name} hue={persona.hue} />
        </h2>
        <span className="tnum text-meta text-text-2">{t("ideas.answers", { count: answers })}</span>
      </div>
      {moved.length > 0 ? (
        <table className="w-full">
          <tbody>
            {moved.map(({ kind, weight }) => (
              <tr key={kind} className="h-6">
                <th scope="row" className="text-left font-normal text-text-2">
                  {t(`ideas.kind.${kind}`)}
                </th>
                <td className="tnum text-right text-text">
                  {t(weight > 0 ? "ideas.more" : "ideas.less", {
                    percent: figure(Math.abs(weight)),
                  })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : answers > 0 ? (
        <p className="text-meta text-text-2">{t("ideas.nothing_moved")}</p>
      ) : null}
      {muted.length > 0 ? (
        <div className="flex flex-wrap gap-1.5 pt-2">
          <span className="w-full text-meta text-text-2">{t("ideas.muted_topics")}</span>
          {muted.map((topic) => (
            <span
              key={topic}
              className="inline-flex h-6 items-center gap-0.5 rounded-chip bg-hover pl-1.5 text-meta text-text-2"
            >
              <bdi>{topic}</bdi>
              <IconButton
                size="row"
                label={t("ideas.unmute", { topic })}
                icon={<X size={12} strokeWidth={2} aria-hidden />}
                onClick={() => unmute(topic)}
              />
            </span>
          ))}
        </div>
      ) : null}
      {answers > 0 ? (
        <Button
          kind="ghost"
          size="row"
          className="mt-2 -ml-2"
          aria-label={t("ideas.reset_of", { persona: persona.name })}
          onClick={reset}
        >
          {t("ideas.reset")}
        </Button>
      ) : null}
    </section>
  );
}
