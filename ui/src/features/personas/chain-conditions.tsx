import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Condition, Network } from "@/bindings";
import { Checkbox, Field, networkName, Select } from "@/shared";
import { microsOf, plainAmount } from "@/shared/money";

type Plain = "has_link" | "has_media" | "made_with_ai";

/** When a stage is asked; without a condition always. */
export function Conditions({
  conditions,
  networks,
  onChange,
}: {
  conditions: readonly Condition[];
  networks: readonly Network[];
  onChange: (conditions: Condition[]) => void;
}) {
  const { t } = useTranslation();
  const site = t("network.site");
  const has = (kind: Condition["type"]) => conditions.some((one) => one.type === kind);
  const without = (kind: Condition["type"]) => conditions.filter((one) => one.type !== kind);
  const flip = (kind: Plain) =>
    onChange(has(kind) ? without(kind) : [...conditions, { type: kind }]);
  const chosen = conditions.find((one) => one.type === "network");
  const ids = chosen?.type === "network" ? chosen.any_of : [];
  const setNetwork = (value: string) => {
    const rest = without("network");
    onChange(value === "any" ? rest : [...rest, { type: "network", any_of: [value] }]);
  };
  return (
    <div
      role="group"
      aria-label={t("chain.when")}
      className="flex flex-wrap items-center gap-x-4 gap-y-1.5"
    >
      <span className="text-meta text-text-2">{t("chain.when")}</span>
      {(["has_link", "has_media", "made_with_ai"] as const).map((kind) => (
        <span key={kind} className="inline-flex items-center gap-1.5 text-meta">
          <Checkbox
            on={has(kind)}
            onChange={() => flip(kind)}
            label={t(`chain.condition.${kind}`)}
          />
          <span aria-hidden>{t(`chain.condition.${kind}`)}</span>
        </span>
      ))}
      <CostOver conditions={conditions} networks={networks} onChange={onChange} />
      <Select
        look="filter"
        label={t("chain.condition.network")}
        value={ids.length === 0 ? "any" : ids.join(",")}
        onChange={setNetwork}
        choices={[
          { value: "any", label: t("chain.condition.any_network") },
          ...(ids.length > 1
            ? [{ value: ids.join(","), label: ids.map((id) => networkName(id, site)).join(", ") }]
            : []),
          ...networks.map((one) => ({ value: one.id, label: networkName(one.id, site) })),
        ]}
      />
      {conditions.length === 0 ? (
        <span className="text-meta text-text-3">{t("chain.always")}</span>
      ) : null}
    </div>
  );
}

/** A tenth of the currency to begin with. */
const FIRST = 100_000;

function CostOver({
  conditions,
  networks,
  onChange,
}: {
  conditions: readonly Condition[];
  networks: readonly Network[];
  onChange: (conditions: Condition[]) => void;
}) {
  const { t, i18n } = useTranslation();
  const rest = conditions.filter((one) => one.type !== "cost_over");
  const found = conditions.find((one) => one.type === "cost_over");
  const over = found?.type === "cost_over" ? found : undefined;
  // While it is typed, it may be no number yet.
  const [typed, setTyped] = useState<string>();
  const currencies = [
    ...new Set([
      ...(over ? [over.currency] : []),
      ...networks.flatMap((one) => one.currency ?? []),
    ]),
  ];
  const [first] = currencies;
  if (!first) return null;
  const put = (part: { amount_micros?: number; currency?: string }) =>
    onChange([
      ...rest,
      { type: "cost_over", amount_micros: FIRST, currency: first, ...over, ...part },
    ]);
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5 text-meta">
      <Checkbox
        on={over !== undefined}
        onChange={() => (over ? onChange(rest) : put({}))}
        label={t("chain.condition.cost_over")}
      />
      <span aria-hidden>{t("chain.condition.cost_over")}</span>
      {over ? (
        <>
          <Field
            aria-label={t("chain.condition.cost_amount")}
            inputMode="decimal"
            className="tnum h-6!"
            boxClassName="w-16"
            value={typed ?? plainAmount(over.amount_micros, i18n.resolvedLanguage)}
            onText={(text) => {
              setTyped(text);
              const amount_micros = microsOf(text);
              if (amount_micros !== undefined) put({ amount_micros });
            }}
            onBlur={() => setTyped(undefined)}
          />
          {currencies.length > 1 ? (
            <Select
              look="filter"
              label={t("chain.condition.cost_currency")}
              value={over.currency}
              onChange={(currency) => put({ currency })}
              choices={currencies.map((one) => ({ value: one, label: one }))}
            />
          ) : (
            <span>{over.currency}</span>
          )}
        </>
      ) : null}
    </span>
  );
}
