import { Ellipsis, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chain, ChainPolicy, Person, PersonaDetail, Stage } from "@/bindings";
import { newId, useAnswer, useChange } from "@/data";
import { Button, Glyph, IconButton, Menu, Select, SkeletonRows, toneDot } from "@/shared";
import { useBecause } from "@/shared/conditions";
import { useNames } from "@/shared/named";
import { StepOnLine, StepsLine } from "@/shared/steps-line";
import { ProblemState, sayProblem } from "@/shell/problem";
import { ChainEditor } from "./chain-editor";
import { emptyChain, seatsOf } from "./chain-model";

const DIRECT = "direct";

/** Which chain the persona's posts pass, and what that chain asks. */
export function ChainTab({ persona }: { persona: PersonaDetail }) {
  const { t } = useTranslation();
  const chains = useAnswer({ type: "chains" });
  const people = useAnswer({ type: "people" }).data ?? [];
  const change = useChange();
  const [editing, setEditing] = useState<{ policy: ChainPolicy; fresh: boolean }>();

  if (chains.error && !chains.data) {
    return (
      <ProblemState error={chains.error} onAgain={() => void chains.refetch()} className="m-6" />
    );
  }
  if (!chains.data) return <SkeletonRows rows={3} height={46} label={t("common.reading")} />;

  const usable = chains.data.filter((one) => !one.archived || one.policy.id === persona.chain?.id);
  const current = usable.find((one) => one.policy.id === persona.chain?.id);
  const choose = (id: string) =>
    change.mutate(
      {
        mutation: {
          type: "save_persona",
          id: persona.id,
          profile: persona.profile,
          ...(id === DIRECT ? {} : { chain: id }),
        },
      },
      { onError: (error) => sayProblem(error) },
    );
  return (
    <div className="max-w-3xl px-6 py-5 max-sm:px-4">
      <div className="flex flex-wrap items-end gap-2">
        <span className="w-72 max-w-full">
          <Select
            label={t("chain.of_persona")}
            value={current?.policy.id ?? DIRECT}
            onChange={choose}
            choices={[
              { value: DIRECT, label: t("chain.direct") },
              ...usable.map((one) => ({
                value: one.policy.id,
                label: one.policy.name,
                hint: t("chain.stages", { count: one.policy.stages.length }),
              })),
            ]}
          />
        </span>
        {current ? (
          <Button onClick={() => setEditing({ policy: current.policy, fresh: false })}>
            {t("chain.edit_this")}
          </Button>
        ) : null}
        <Button
          icon={<Plus size={14} strokeWidth={2} aria-hidden />}
          onClick={() => setEditing({ policy: emptyChain(newId(), ""), fresh: true })}
        >
          {t("chain.new")}
        </Button>
        {current ? <ChainMenu chain={current} /> : null}
      </div>
      <div className="mt-5">
        {current ? (
          <ChainPicture policy={current.policy} people={people} />
        ) : (
          <p className="max-w-[520px] text-text-2">{t("chain.direct_means")}</p>
        )}
      </div>
      <ChainEditor
        start={editing?.policy}
        fresh={editing?.fresh ?? false}
        onClose={() => setEditing(undefined)}
        onSaved={(id) => {
          if (editing?.fresh) choose(id);
        }}
      />
    </div>
  );
}

function ChainMenu({ chain }: { chain: Chain }) {
  const { t } = useTranslation();
  const change = useChange();
  return (
    <Menu
      trigger={
        <IconButton
          kind="plain"
          label={t("chain.more", { name: chain.policy.name })}
          icon={<Ellipsis size={14} strokeWidth={2} aria-hidden />}
        />
      }
      groups={[
        [
          {
            id: "archive",
            label: t("chain.archive"),
            off:
              chain.personas.length > 0 &&
              t("chain.in_use", { names: chain.personas.map((one) => one.name).join(", ") }),
            onSelect: () =>
              change.mutate(
                { mutation: { type: "archive_chain", id: chain.policy.id } },
                { onError: (error) => sayProblem(error) },
              ),
          },
        ],
      ]}
    />
  );
}

/** A chain as it will be walked. */
function ChainPicture({ policy, people }: { policy: ChainPolicy; people: readonly Person[] }) {
  const { t } = useTranslation();
  const facts = [
    t("chain.fact.tolerance", { count: Math.round(policy.tolerance / 60) }),
    policy.expire_after === undefined
      ? undefined
      : t("chain.fact.expiry", { count: Math.round(policy.expire_after / 1440) }),
    t(policy.authors_may_approve ? "chain.fact.authors" : "chain.fact.no_authors"),
  ].filter((fact): fact is string => fact !== undefined);
  return (
    <>
      <StepsLine label={policy.name}>
        {policy.stages.map((stage, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: stages have no name of their own
          <StepOnLine key={index} glyph={<Glyph name="ring" className={toneDot.neutral} />}>
            <StageWords stage={stage} people={people} />
          </StepOnLine>
        ))}
        <StepOnLine glyph={<Glyph name="clock" className={toneDot.info} />}>
          <p>{t("chain.then")}</p>
        </StepOnLine>
      </StepsLine>
      <ul className="mt-4 border-t border-line pt-3 text-meta text-text-2">
        {facts.map((fact) => (
          <li key={fact} className="py-0.5">
            {fact}
          </li>
        ))}
      </ul>
    </>
  );
}

function StageWords({ stage, people }: { stage: Stage; people: readonly Person[] }) {
  const { t } = useTranslation();
  const names = useNames();
  const seats = seatsOf(stage.approvers, people);
  const because = useBecause();
  const why = stage.conditions.map(because);
  return (
    <>
      <p className="font-medium">{stage.name}</p>
      <p className="text-meta text-text-2">
        {seats.length > 0
          ? names(
              seats.map((one) => one.name),
              stage.quorum.type === "all" ? "conjunction" : "disjunction",
            )
          : t("chain.fault.approvers")}
        {stage.quorum.type === "count" ? ` · ${t("chain.n_of", { count: stage.quorum.n })}` : ""}
      </p>
      {why.length > 0 ? <p className="text-meta text-text-3">{names(why, "conjunction")}</p> : null}
      {stage.remind_after.length > 0 ? (
        <p className="tnum text-meta text-text-3">
          {t("chain.reminds", {
            hours: stage.remind_after.map((one) => Math.round(one / 6) / 10).join(", "),
          })}
        </p>
      ) : null}
      {stage.escalate_after === undefined ? null : (
        <p className="tnum text-meta text-text-3">
          {t("chain.escalates", {
            hours: Math.round(stage.escalate_after / 6) / 10,
            names: names(seatsOf(stage.escalate_to, people).map((one) => one.name)),
          })}
        </p>
      )}
    </>
  );
}
