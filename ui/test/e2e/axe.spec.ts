import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { open, type Samples, test } from "./window";

const places: readonly (readonly [where: string, samples?: Samples])[] = [
  ["/today"],
  ["/queue"],
  ["/settings/appearance"],
  ["/settings/keys"],
  ["/settings/notifications"],
  ["/settings/computer"],
  ["/settings/storage"],
  ["/settings/help"],
  ["/compose", "compose"],
  ["/compose/c-snow", "compose"],
  ["/content/c-published", "compose"],
  ["/content/c-updates", "compose"],
  ["/approvals", "review"],
  ["/calendar", "review"],
  ["/personas", "review"],
  ["/workflows", "review"],
];

for (const scheme of ["light", "dark"] as const) {
  for (const [place, samples] of places) {
    test(`axe finds nothing in ${place}, ${scheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await open(page, place, "", samples);
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
  await page.getByText("5 found").waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});
