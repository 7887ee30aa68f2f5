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

/** Why what was typed is no amount: it is not one, or a thousand and a thousandth are written alike. */
export type AmountFault = "unclear" | "wrong";

/**
 * Millionths of an amount that may be left out: absent where nothing was typed. Exactly three digits
 * behind the mark are refused, because `1,000` and `1.000` mean different amounts in different places;
 * `0.075` means one.
 */
export function readAmount(text: string): { micros?: number; fault?: AmountFault } {
  const plain = text.trim();
  if (plain === "") return {};
  if (/^[1-9]\d*[.,]\d{3}$/.test(plain)) return { fault: "unclear" };
  if (!/^\d+([.,]\d{1,6})?$/.test(plain)) return { fault: "wrong" };
  const micros = Math.round(Number(plain.replace(",", ".")) * 1_000_000);
  return Number.isSafeInteger(micros) ? { micros } : { fault: "wrong" };
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
