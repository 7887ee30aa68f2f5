import { expect, test } from "vitest";
import type { PreparedView } from "@/bindings";
import { money } from "@/shared/money";
import { totals } from "./cost";

const view = (amount_micros: number | undefined, as_of = "2026-08-28"): PreparedView => ({
  identity: "i",
  network: "x",
  own_text: false,
  segments: [],
  options: {},
  counts: [],
  issues: [],
  ...(amount_micros === undefined ? {} : { cost: { amount_micros, currency: "USD", as_of } }),
});

test("costs of all targets add up, by the oldest price", () => {
  const sum = totals([view(15_000), view(undefined), view(200_000, "2026-06-01")]);
  expect(sum).toEqual([{ amount_micros: 215_000, currency: "USD", as_of: "2026-06-01" }]);
});

test("what costs nothing has no sum", () => {
  expect(totals([view(undefined)])).toEqual([]);
});

test("thousandths are shown, and whole cents as such", () => {
  expect(money({ amount_micros: 15_000, currency: "USD", as_of: "" }, "en")).toBe("$0.015");
  expect(money({ amount_micros: 200_000, currency: "USD", as_of: "" }, "en")).toBe("$0.20");
});
