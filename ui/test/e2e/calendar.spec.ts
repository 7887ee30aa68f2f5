import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { open, test } from "./window";

async function week(page: Page): Promise<void> {
  await open(page, "/calendar", "", "review");
  await page.getByRole("radio", { name: "Week" }).click();
  await page.getByRole("gridcell").first().waitFor();
}

const entry = (page: Page) => page.getByRole("button", { name: /The support inbox/ });

test("a week turns by weeks and keeps its view", async ({ page }) => {
  await week(page);
  await expect(page.getByText(/22\s–\s28 November 2026/)).toBeVisible();
  await page.getByRole("button", { name: "Next week" }).click();
  await expect(page.getByText(/29 November\s–\s5 December 2026/)).toBeVisible();
});

test("keys move an entry by half hours and days, and the focus goes with it", async ({ page }) => {
  await week(page);
  await entry(page).focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(
    page.getByText("Moved “The support inbox, opened” to Thu 26 Nov, 14:30"),
  ).toBeVisible();
  await expect(entry(page)).toBeFocused();
});

test("a menu moves what keys and dragging move", async ({ page }) => {
  await week(page);
  await entry(page).click();
  await page.getByRole("button", { name: /Half an hour earlier/ }).click();
  await expect(page.getByText(/to Thu 26 Nov, 13:30/)).toBeVisible();
});

test("dragging shows the new time before it is dropped, in quarters of an hour", async ({
  page,
}) => {
  await week(page);
  const box = await entry(page).boundingBox();
  if (!box) throw new Error("it is drawn");
  await page.mouse.move(box.x + 40, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + 40, box.y + 40, { steps: 4 });
  await page.mouse.move(box.x + 40 + box.width, box.y + 10 + 48, { steps: 8 });
  await expect(page.getByText("Friday 27 November, 15:00")).toBeVisible();
  await page.mouse.up();
  await expect(page.getByText(/to Fri 27 Nov, 15:00/)).toBeVisible();
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing in a week, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await week(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
}
