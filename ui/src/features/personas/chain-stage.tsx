import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Approver, Network, Person, Stage } from "@/bindings";
import { Field, FieldError, IconButton, Menu, Segmented, Switch } from "@/shared";
import { Button } from "@/shared/button";
import { Conditions } from "./chain-conditions";
import { type ChainFault, seatsOf } from "./chain-model";

/** Minutes as hours in a field; empty means none. */
const hours = (minutes: number | undefined) =>
  minutes === undefined ? "" : String(Math.round((minutes / 60) * 100) / 100);
const minutes = (text: string): number | undefined => {
  const value = Number(text.replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) || value <= 0
    ? undefined
    : Math.round(value * 60);
};

/** One stage: its name, who decides, how many must, when it applies, what follows silence. */
export function StageEditor({
  stage,
  index,
  count,
  people,
  networks,
  faults,
  onChange,
  onMove,
  onRemove,
}: {
  stage: Stage;
  index: number;
  count: number;
  people: readonly Person[];
  networks: readonly Network[];
  faults: readonly ChainFault[];
  onChange: (part: Partial<Stage>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const wrong = (what: "name" | "approvers" | "quorum") =>
    faults.some((one) => one.at === "stage" && one.stage === index && one.what === what);
  const seats = seatsOf(stage.approvers, people);
  const label = stage.name || t("chain.stage_n", { n: index + 1 });
  return (
    <div role="group" aria-label={label} className="flex flex-col gap-3 border-t border-line pt-4">
      <div className="flex items-end gap-2">
        <Field
          label={t("chain.stage_n", { n: index + 1 })}
          placeholder={t("chain.stage_name")}
          dir="auto"
          value={stage.name}
          onText={(name) => onChange({ name })}
          error={wrong("name") ? t("chain.fault.name") : undefined}
          boxClassName="flex-1"
        />
        <span className="flex pb-px">
          <IconButton
            label={t("chain.up", { stage: label })}
            icon={<ArrowUp size={14} strokeWidth={2} aria-hidden />}
            disabled={index === 0}
            onClick={() => onMove(-1)}
          />
          <IconButton
            label={t("chain.down", { stage: label })}
            icon={<ArrowDown size={14} strokeWidth={2} aria-hidden />}
            disabled={index === count - 1}
            onClick={() => onMove(1)}
          />
          <IconButton
            label={t("chain.remove", { stage: label })}
            icon={<Trash2 size={14} strokeWidth={2} aria-hidden />}
            onClick={onRemove}
          />
        </span>
      </div>
      <Approvers
        label={t("chain.who")}
        approvers={stage.approvers}
        people={people}
        onChange={(approvers) => onChange({ approvers })}
        error={wrong("approvers") ? t("chain.fault.approvers") : undefined}
      />
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-meta text-text-2">{t("chain.must")}</span>
        <Segmented
          label={t("chain.must")}
          value={stage.quorum.type}
          onChange={(type) =>
            onChange({
              quorum: type === "count" ? { type, n: Math.min(2, seats.length || 1) } : { type },
            })
          }
          options={[
            { value: "any", label: t("chain.quorum.any") },
            { value: "all", label: t("chain.quorum.all") },
            { value: "count", label: t("chain.quorum.count") },
          ]}
        />
        {stage.quorum.type === "count" ? (
          <Field
            type="number"
            min={1}
            aria-label={t("chain.quorum.n")}
            value={stage.quorum.n}
            onText={(text) =>
              onChange({ quorum: { type: "count", n: Math.max(0, Number(text) || 0) } })
            }
            className="tnum"
            boxClassName="w-16"
          />
        ) : null}
        <span className="tnum text-meta text-text-3">{t("chain.of", { count: seats.length })}</span>
        {wrong("quorum") ? <FieldError>{t("chain.fault.quorum")}</FieldError> : null}
      </div>
      <Conditions
        conditions={stage.conditions}
        networks={networks}
        onChange={(conditions) => onChange({ conditions })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label={t("chain.remind")}
          hint={t("chain.remind_hint")}
          defaultValue={stage.remind_after.map((one) => hours(one)).join("; ")}
          inputMode="decimal"
          onBlur={(event) =>
            onChange({
              remind_after: [
                ...new Set(
                  event.target.value
                    .split(/[;\s]+/)
                    .map(minutes)
                    .filter((one): one is number => one !== undefined),
                ),
              ].sort((a, b) => a - b),
            })
          }
        />
        <Field
          label={t("chain.escalate")}
          hint={t("chain.escalate_hint")}
          defaultValue={hours(stage.escalate_after)}
          inputMode="decimal"
          onBlur={(event) => {
            const after = minutes(event.target.value);
            onChange(
              after === undefined
                ? { escalate_after: undefined, escalate_to: [] }
                : { escalate_after: after },
            );
          }}
        />
      </div>
      <div className="flex items-center gap-3">
        <span className="flex-1">
          {t("chain.outside")}
          <span className="block text-meta text-text-3">{t("chain.outside_hint")}</span>
        </span>
        <Switch
          label={t("chain.outside")}
          on={stage.outside === true}
          onChange={(outside) => onChange({ outside: outside || undefined })}
        />
      </div>
      {stage.escalate_after === undefined ? null : (
        <Approvers
          label={t("chain.escalate_to")}
          approvers={stage.escalate_to}
          people={people}
          onChange={(escalate_to) => onChange({ escalate_to })}
        />
      )}
    </div>
  );
}

/** Roles and people in one line, each can be taken away; one button adds. */
function Approvers({
  label,
  approvers,
  people,
  onChange,
  error,
}: {
  label: string;
  approvers: readonly Approver[];
  people: readonly Person[];
  onChange: (approvers: Approver[]) => void;
  error?: string | undefined;
}) {
  const { t } = useTranslation();
  const same = (a: Approver, b: Approver) =>
    a.type === "role"
      ? b.type === "role" && a.role === b.role
      : b.type === "person" && a.id === b.id;
  const word = (one: Approver) =>
    one.type === "role"
      ? t(`chain.at_least.${one.role}`)
      : (people.find((person) => person.id === one.id)?.name ?? t("chain.unknown_person"));
  const toggle = (one: Approver) =>
    onChange(
      approvers.some((other) => same(one, other))
        ? approvers.filter((other) => !same(one, other))
        : [...approvers, one],
    );
  const roles: Approver[] = (["approver", "admin", "owner"] as const).map((role) => ({
    type: "role",
    role,
  }));
  const persons: Approver[] = people
    .filter((person) => person.active)
    .map((person) => ({ type: "person", id: person.id }));
  const entry = (one: Approver, key: string) => ({
    id: key,
    label: word(one),
    off: approvers.some((other) => same(one, other)) && t("chain.already"),
    onSelect: () => toggle(one),
  });
  return (
    <div role="group" aria-label={label} className="flex flex-wrap items-center gap-1.5">
      <span className="text-meta text-text-2">{label}</span>
      {approvers.map((one) => (
        <button
          key={JSON.stringify(one)}
          type="button"
          onClick={() => toggle(one)}
          aria-label={t("common.remove", { what: word(one) })}
          className="inline-flex h-6 items-center gap-1.5 rounded-chip bg-hover px-2 text-meta hover:line-through"
        >
          {word(one)} <span aria-hidden>×</span>
        </button>
      ))}
      <Menu
        align="start"
        trigger={
          <Button size="row" kind="plain">
            {t("chain.add_approver")}
          </Button>
        }
        groups={[
          roles.map((one, at) => entry(one, `role-${at}`)),
          persons.map((one, at) => entry(one, `person-${at}`)),
        ]}
      />
      {error ? <FieldError>{error}</FieldError> : null}
    </div>
  );
}
