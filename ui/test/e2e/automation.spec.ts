import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import type { Automation } from "../../src/bindings";
import { shot } from "./screens";
import { open, test } from "./window";

interface Asked {
  mutation: { type: string; profile?: { automation: Automation } };
}

for (const scheme of ["light", "dark"] as const) {
  test(`how far Rostrum goes on its own is chosen rung by rung, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/personas", "", "review");
    await page.getByRole("radio", { name: "Slots" }).click();
    await page.getByRole("radio", { name: "Plan" }).click();
    await expect(page.getByText(/Where nobody would be asked, they stay drafts/)).toBeVisible();
    await page.getByRole("switch", { name: "Quiet hours" }).click();
    await page.getByRole("switch", { name: "Quiet hours" }).scrollIntoViewIfNeeded();
    await shot(page, `automation-${scheme}`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const calls = await page.evaluate(
      () => (window as unknown as { core: { calls: Asked[] } }).core.calls,
    );
    const saved = calls.map((call) => call.mutation).find((one) => one.type === "save_persona");
    expect(saved?.profile?.automation).toMatchObject({
      level: "plan",
      quiet_hours: { from: 1200, to: 480 },
    });
  });
}
