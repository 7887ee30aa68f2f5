import { describe, expect, it } from "vitest";
import type { StepView } from "@/bindings";
import { barsOf, durationOf, tookOf } from "./timeline";

const step = (from: string, to?: string): StepView => ({
  name: "s",
  round: 0,
  kind: "run",
  state: to ? "done" : "waiting",
  started_at: `2026-11-23T${from}.000Z`,
  ...(to ? { ended_at: `2026-11-23T${to}.000Z` } : {}),
  tries: 1,
});
const now = Date.parse("2026-11-23T10:00:00Z");

describe("a run's time", () => {
  it("counts an open step until now", () => {
    expect(durationOf(step("09:59:00"), now)).toBe(60_000);
    expect(durationOf(step("09:00:00", "09:00:30"), now)).toBe(30_000);
  });

  it("keeps every bar inside the line, and short ones visible beside a long wait", () => {
    const bars = barsOf(
      [step("07:00:00", "07:00:01"), step("07:00:01", "07:00:02"), step("07:00:02")],
      now,
    );
    for (const bar of bars) {
      expect(bar.from).toBeGreaterThanOrEqual(0);
      expect(bar.from + bar.width).toBeLessThanOrEqual(1.0001);
      expect(bar.width).toBeGreaterThanOrEqual(0.02);
    }
  });

  it("says a duration in the unit that fits", () => {
    expect(tookOf(8)).toEqual({ unit: "ms", count: "8" });
    expect(tookOf(12_340)).toEqual({ unit: "s", count: "12.3" });
    expect(tookOf(12 * 60_000)).toEqual({ unit: "min", count: "12" });
    expect(tookOf(4_440_000)).toEqual({ unit: "h", count: "1.2" });
    expect(tookOf(7 * 86_400_000)).toEqual({ unit: "d", count: "7" });
  });
});
