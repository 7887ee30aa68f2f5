import type { Cost, PreparedView } from "@/bindings";

/** What sending to all targets costs, one sum for each currency, by the oldest price used. */
export function totals(views: readonly PreparedView[]): Cost[] {
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
