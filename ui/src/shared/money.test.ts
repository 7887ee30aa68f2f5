import { expect, test } from "vitest";
import type { PreparedView } from "@/bindings";
import { microsOf, money, plainAmount, readAmount, totals } from "./money";

test("an amount is read as it is written in both languages", () => {
  expect(microsOf("0.1")).toBe(100_000);
  expect(microsOf(" 0,015 ")).toBe(15_000);
  expect(microsOf("20")).toBe(20_000_000);
  expect(microsOf(plainAmount(15_000, "de"))).toBe(15_000);
  expect(microsOf(plainAmount(1_234_500_000, "en"))).toBe(1_234_500_000);
});

test("what is no amount is none", () => {
  for (const text of ["", "-1", "a", "1e9", "1.2.3", "0.0000001"]) {
    expect(microsOf(text)).toBeUndefined();
  }
});

test("an amount that may be left out is none only where nothing was typed", () => {
  expect(readAmount("")).toEqual({});
  expect(readAmount("  ")).toEqual({});
  expect(readAmount("0")).toEqual({ micros: 0 });
  expect(readAmount(" 2,50 ")).toEqual({ micros: 2_500_000 });
  expect(readAmount("2.5")).toEqual({ micros: 2_500_000 });
  expect(readAmount("1000")).toEqual({ micros: 1_000_000_000 });
  expect(readAmount("0.075")).toEqual({ micros: 75_000 });
  expect(readAmount("0,0750")).toEqual({ micros: 75_000 });
  expect(readAmount("0.000001")).toEqual({ micros: 1 });
});

test("what is no amount is refused, never taken for none or for a part of it", () => {
  for (const text of [
    "€50",
    "$3",
    "50 €",
    "-1",
    "a",
    "1e9",
    "1.",
    ".5",
    "1.2.3",
    "1,000.00",
    "1 000",
    "0.0000001",
    "99999999999999",
  ]) {
    expect(readAmount(text)).toEqual({ fault: "wrong" });
  }
});

test("what may be a thousand or a thousandth is refused as unclear", () => {
  for (const text of ["1,000", "1.000", "12.500"]) {
    expect(readAmount(text)).toEqual({ fault: "unclear" });
  }
});

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
  expect(money({ amount_micros: 15_000, currency: "USD" }, "en")).toBe("$0.015");
  expect(money({ amount_micros: 200_000, currency: "USD" }, "en")).toBe("$0.20");
});
