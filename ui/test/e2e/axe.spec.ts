import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { open, test } from "./window";

const places = [
  "/today",
  "/queue",
  "/settings/appearance",
  "/settings/keys",
  "/settings/notifications",
  "/settings/computer",
  "/settings/storage",
  "/settings/help",
];

for (const scheme of ["light", "dark"] as const) {
  for (const place of places) {
    test(`axe finds nothing in ${place}, ${scheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await open(page, place);
      await page.waitForTimeout(400);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
  }
  test(`axe finds nothing in the first run, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/", "first");
    await page.getByText("Say it well").waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
}

test("axe finds nothing in the palette", async ({ page }) => {
  await open(page, "/queue");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("late");
  await page.getByText("4 found").waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});
