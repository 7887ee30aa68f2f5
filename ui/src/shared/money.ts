import type { Cost } from "@/bindings";

/** `$0.015`: thousandths are not rounded away, because single posts cost that little. */
export function money(cost: Cost, locale: string | undefined): string {
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency: cost.currency,
    maximumFractionDigits: 3,
  }).format(cost.amount_micros / 1_000_000);
}
