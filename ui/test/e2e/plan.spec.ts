import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { open, test } from "./window";

/** What was asked of the core since the page was opened. */
const asked = (page: Page) =>
  page.evaluate(() => (window as unknown as { core: { calls: unknown[] } }).core.calls);

/** A picture of what is shown, where somebody wants to look at it. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.ROSTRUM_SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
}

async function clean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

for (const scheme of ["light", "dark"] as const) {
  test(`notes stand beside the words that they are about, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/approvals", "", "review");
    const reading = page.getByRole("article", { name: "Snow came nine days late" });
    await expect(reading.locator("mark[data-note=n-1]")).toHaveText("1991 to 2020");
    // Of an older version: its words stand here once.
    await expect(reading.locator("mark[data-note=n-3]")).toHaveText("the code");
    await expect(reading.getByText("on version 3")).toBeVisible();
    await expect(reading.getByText("Nine days, not eight.")).toHaveCount(0);
    await shot(page, `notes-${scheme}`);
    await clean(page);
    await reading.getByRole("button", { name: "Show 1 resolved" }).click();
    await expect(reading.getByText("Nine days, not eight.")).toBeVisible();
    await reading.getByRole("radio", { name: "Preview" }).click();
    await expect(reading.locator("mark[data-note=n-1]")).toHaveText("1991 to 2020");
    await shot(page, `notes-preview-${scheme}`);
  });

  test(`best hours are shaded, and the legend says from what, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/calendar", "", "review");
    await shot(page, `best-month-${scheme}`);
    await page.getByRole("radio", { name: "Week" }).click();
    await expect(page.locator("[data-shade]").first()).toBeAttached();
    await shot(page, `best-week-${scheme}`);
    await page.getByRole("button", { name: /Best times/ }).click();
    const legend = page.getByRole("dialog", { name: "Best times" });
    await expect(legend.getByText("From 48 measured posts.")).toBeVisible();
    await expect(
      legend.getByText(/time zones \(Berlin\)\. No posts measured yet/).first(),
    ).toBeVisible();
    await shot(page, `best-legend-${scheme}`);
    await clean(page);
    await page.keyboard.press("Escape");
    await page.getByRole("switch", { name: "Show best times" }).click();
    await expect(page.locator("[data-shade]")).toHaveCount(0);
  });

  test(`templates begin, change and go, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/queue");
    await page.keyboard.press("Shift+C");
    const sheet = page.getByRole("dialog", { name: "Templates" });
    await expect(sheet.getByText("Ask a glaciologist", { exact: true })).toBeVisible();
    await shot(page, `templates-${scheme}`);
    await clean(page);
    await sheet.getByRole("button", { name: "More for “Ask a glaciologist”" }).click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    const edit = page.getByRole("dialog", { name: "Edit “Ask a glaciologist”" });
    await edit.getByLabel("Name").fill("Ask us");
    await shot(page, `template-edit-${scheme}`);
    await edit.getByRole("button", { name: "Save template" }).click();
    expect(JSON.stringify(await asked(page))).toContain('"name":"Ask us"');
  });

  test(`many posts are planned at once, and what failed is named, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/queue");
    await page.getByRole("checkbox", { name: "Choose all of “Needs you”" }).click();
    const bar = page.getByRole("toolbar", { name: "With the chosen posts" });
    await expect(bar.getByRole("status")).toContainText("chosen");
    await shot(page, `bulk-${scheme}`);
    await clean(page);
    await bar.getByRole("button", { name: "Into free slots" }).click();
    const report = page.getByRole("dialog", { name: "1 of 3 done" });
    await expect(report.getByText("Nothing of it can be moved.")).toBeVisible();
    await expect(report.getByText(/no free slot in the next 60 days/)).toBeVisible();
    await expect(report.getByText("Wed 25 Nov, 08:30")).toBeVisible();
    await expect(report.getByRole("button", { name: "Undo 1" })).toBeVisible();
    await shot(page, `bulk-report-${scheme}`);
    await clean(page);
  });
}

test("selected words get a note, by keys and with a name", async ({ page }) => {
  await open(page, "/approvals", "", "review");
  const reading = page.getByRole("article", { name: "Snow came nine days late" });
  await reading.getByRole("radio", { name: "Text" }).click();
  const words = reading.getByText(/Snow came nine days late at our four/).first();
  await words.evaluate((element) => {
    const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const node = walk.nextNode();
    if (!node) throw new Error("no words");
    const at = node.textContent?.indexOf("four ridge") ?? -1;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + "four ridge".length);
    window.getSelection()?.removeAllRanges();
    window.getSelection()?.addRange(range);
  });
  await expect(page.getByRole("button", { name: /^Note/ }).last()).toBeVisible();
  await page.keyboard.press("n");
  const field = reading.getByRole("combobox", { name: "What about these words?" });
  await field.pressSequentially("@Pi");
  await expect(reading.getByRole("option", { name: "Pim Aldersgate" })).toBeVisible();
  await page.keyboard.press("Enter");
  await field.pressSequentially("which?");
  await page.keyboard.press("Control+Enter");
  await expect(field).toHaveCount(0);
  const calls = JSON.stringify(await asked(page));
  expect(calls).toContain('"text":"@Pim Aldersgate which?"');
  expect(calls).toContain('"start":32,"end":42');
});

test("a range is chosen with Shift, all with a key, none with Escape", async ({ page }) => {
  await open(page, "/queue");
  const boxes = page.getByRole("checkbox", { name: /^Choose “/ });
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ["Shift"] });
  await expect(page.getByRole("status").filter({ hasText: "3 chosen" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("toolbar", { name: "With the chosen posts" })).toHaveCount(0);
  // In a field, all means its text.
  await page.keyboard.press("/");
  await page.keyboard.type("late");
  await page.keyboard.press("Control+a");
  await expect(page.getByRole("toolbar", { name: "With the chosen posts" })).toHaveCount(0);
  await page.keyboard.press("Delete");
  await page.getByRole("searchbox").blur();
  await page.keyboard.press("Control+a");
  await expect(page.getByRole("status").filter({ hasText: "chosen" })).toBeVisible();
});
