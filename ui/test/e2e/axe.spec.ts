import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { screens, shot } from "./screens";
import { test } from "./window";

/** What axe finds; with `strict` also words of less contrast than 7 to 1. */
async function found(page: Page, strict = false) {
  const axe = new AxeBuilder({ page });
  if (strict) axe.options({ rules: { "color-contrast-enhanced": { enabled: true } } });
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}

for (const scheme of ["light", "dark"] as const) {
  for (const { name, show } of screens) {
    test(`axe finds nothing in ${name}, ${scheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await show(page);
      await page.waitForTimeout(400);
      await shot(page, `${scheme} ${name}`);
      expect(await found(page)).toEqual([]);
    });

    test(`axe finds nothing in ${name}, ${scheme} with high contrast`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme, contrast: "more" });
      await show(page);
      await page.waitForTimeout(400);
      await shot(page, `contrast ${scheme} ${name}`);
      expect(await found(page, true)).toEqual([]);
    });
  }
}

for (const { name, show } of screens) {
  test(`axe finds nothing in ${name} with the system's own colours`, async ({ page }) => {
    await page.emulateMedia({ forcedColors: "active" });
    await show(page);
    await page.waitForTimeout(400);
    await shot(page, `forced ${name}`);
    expect(await found(page)).toEqual([]);
  });
}
