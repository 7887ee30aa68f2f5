import { useTranslation } from "react-i18next";
import { Heading, NetworkTile, shortDay } from "@/shared";
import { money, totals } from "@/shared/money";
import { useComposer } from "../use-composer";

/** What sending costs, for each account whose network asks for money. Nothing where none does. */
export function CostPart() {
  const { t, i18n } = useTranslation();
  const { prepared, accounts, nameOf } = useComposer();
  const priced = (prepared?.targets ?? []).filter((view) => view.cost);
  const sums = totals(priced);
  if (sums.length === 0) return null;
  const locale = i18n.resolvedLanguage;
  const oldest = sums.map((sum) => sum.as_of).sort()[0] ?? "";
  return (
    <section aria-labelledby="compose-cost" className="flex flex-col gap-1">
      <Heading id="compose-cost" className="mb-1">
        {t("compose.cost")}
      </Heading>
      <ul>
        {priced.map((view) => (
          <li key={view.identity} className="flex min-h-6 items-center gap-2 text-meta">
            <NetworkTile network={view.network} name={nameOf(view.network)} />
            <span className="ellipsis flex-1 text-text-2">
              {accounts.find((one) => one.id === view.identity)?.handle}
            </span>
            <span className="tnum font-strong">{view.cost ? money(view.cost, locale) : null}</span>
          </li>
        ))}
      </ul>
      <p className="text-meta text-text-3">
        {t("compose.cost_as_of", { day: shortDay(`${oldest}T12:00:00Z`, "UTC") })}
      </p>
    </section>
  );
}

/** ` · $0.015`, where there is one line for everything. */
export function CostInWords() {
  const { i18n } = useTranslation();
  const { prepared } = useComposer();
  const sums = totals(prepared?.targets ?? []);
  return sums.map((sum) => (
    <span key={sum.currency} className="tnum">
      <span className="mx-1.5 text-text-3">·</span>
      {money(sum, i18n.resolvedLanguage)}
    </span>
  ));
}
