import type { Cost } from "@/bindings";

/** `$0.015`: thousandths are not rounded away, because single posts cost that little. */
export function money(
  cost: Pick<Cost, "amount_micros" | "currency">,
  locale: string | undefined,
): string {
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency: cost.currency,
    maximumFractionDigits: 3,
  }).format(cost.amount_micros / 1_000_000);
}

/** `0.1`, as in a field in which it can be changed. */
export function plainAmount(micros: number, locale: string | undefined): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 6, useGrouping: false }).format(
    micros / 1_000_000,
  );
}

/** Millionths of what was typed; nothing where that is no amount. */
export function microsOf(text: string): number | undefined {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,9}(\.\d{0,6})?$/.test(plain)) return undefined;
  return Math.round(Number(plain) * 1_000_000);
}

/** What sending to all targets costs, one sum for each currency, by the oldest price used. */
export function totals(views: readonly { cost?: Cost }[]): Cost[] {
  const sums = new Map<string, Cost>();
  for (const { cost } of views) {
    if (!cost) continue;
    const sum = sums.get(cost.currency);
    sums.set(cost.currency, {
      currency: cost.currency,
      amount_micros: (sum?.amount_micros ?? 0) + cost.amount_micros,
      as_of: sum && sum.as_of < cost.as_of ? sum.as_of : cost.as_of,
    });
  }
  return [...sums.values()];
}
