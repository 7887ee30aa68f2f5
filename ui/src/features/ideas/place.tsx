import { useParams, useSearch } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAct, useAnswer } from "@/data";
import { Button, clock, machineZone, PersonaName, Segmented, Select, SkeletonRows } from "@/shared";
import { Bar, FilterRow, ProblemState, sayProblem, useGo } from "@/shell";
import type { IdeasPart, IdeasSearch } from "@/shell/router";
import { Sources } from "./sources";
import { Suggestions } from "./suggestions";
import { Trends } from "./trends";

const EVERYBODY = "all";

/** What is talked about, and what could be said. */
export function Ideas() {
  const { t } = useTranslation();
  const go = useGo();
  const { part = "trends" } = useParams({ strict: false }) as { part?: IdeasPart };
  const search = useSearch({ strict: false }) as IdeasSearch;
  const overview = useAnswer({ type: "overview" }).data;
  const personas = overview?.personas.map((one) => one.persona) ?? [];
  const persona = personas.find((one) => one.id === search.persona)?.id;
  const answer = useAnswer({ type: "ideas", ...(persona ? { persona } : {}) }, { keep: true });
  const collect = useAct<"collect_now">();
  const ideas = answer.data;
  const show = (next: IdeasPart, more: IdeasSearch = {}) =>
    go({ type: "ideas", part: next, search: { ...search, ...more } }, { replace: true });
  const check = () =>
    collect.mutate(
      { act: { type: "collect_now" } },
      { onError: (error) => sayProblem(error, check) },
    );

  return (
    <>
      <Bar
        title={t("place.ideas")}
        fact={
          ideas && ideas.suggestions.length > 0
            ? t("ideas.fact", { count: ideas.suggestions.length })
            : undefined
        }
        views={
          <Segmented
            label={t("ideas.which")}
            value={part}
            onChange={(next) => show(next)}
            options={[
              { value: "trends", label: t("ideas.trends") },
              { value: "suggestions", label: t("ideas.suggestions") },
              {
                value: "sources",
                label: t("ideas.sources"),
                ...(ideas && ideas.troubled > 0
                  ? { name: t("ideas.sources_troubled", { count: ideas.troubled }) }
                  : {}),
              },
            ]}
          />
        }
        actions={
          <Button
            icon={<RefreshCw size={14} strokeWidth={2} aria-hidden />}
            busy={collect.isPending}
            off={ideas?.sources === 0 && t("ideas.no_sources")}
            onClick={check}
          >
            {t("ideas.check_now")}
          </Button>
        }
      />
      <FilterRow aside={<ReadFrom ideas={ideas} />}>
        <Select
          look="filter"
          label={t("ideas.persona")}
          value={persona ?? EVERYBODY}
          onChange={(next) => {
            const { persona: _, trend: __, ...rest } = search;
            go(
              {
                type: "ideas",
                part,
                search: next === EVERYBODY ? rest : { ...rest, persona: next },
              },
              { replace: true },
            );
          }}
          choices={[
            { value: EVERYBODY, label: t("ideas.all_personas") },
            ...personas.map((one) => ({
              value: one.id,
              name: one.name,
              label: <PersonaName name={one.name} hue={one.hue} />,
            })),
          ]}
        />
      </FilterRow>
      {part === "sources" ? (
        <Sources personas={personas} persona={persona} />
      ) : answer.error && !ideas ? (
        <ProblemState
          error={answer.error}
          onAgain={() => void answer.refetch()}
          className="m-5 h-fit max-w-xl"
        />
      ) : !ideas ? (
        <SkeletonRows rows={6} height={56} label={t("common.reading")} />
      ) : part === "suggestions" ? (
        <Suggestions ideas={ideas} onSources={() => show("sources")} />
      ) : (
        <Trends
          ideas={ideas}
          chosen={search.trend}
          onChoose={(trend) => show("trends", { trend })}
          onSources={() => show("sources")}
        />
      )}
    </>
  );
}

function ReadFrom({
  ideas,
}: {
  ideas: { sources: number; items: number; read_at?: string } | undefined;
}) {
  const { t } = useTranslation();
  if (!ideas || ideas.sources === 0) return null;
  const read = t("ideas.read_from", {
    count: ideas.sources,
    items: t("ideas.items", { count: ideas.items }),
  });
  return (
    <span className="tnum text-meta text-text-2">
      {ideas.read_at
        ? `${read} ${t("ideas.checked", { time: clock(ideas.read_at, machineZone()) })}`
        : read}
    </span>
  );
}
