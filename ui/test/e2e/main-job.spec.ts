import { expect, type Locator, type Page } from "@playwright/test";
import { open, test } from "./window";

interface FakeCore {
  calls: { mutation: { type: string } }[];
  acts: { type: string }[];
}
const asked = (page: Page) =>
  page.evaluate(() => {
    const { calls, acts } = (window as unknown as { core: FakeCore }).core;
    return [...calls.map((call) => call.mutation.type), ...acts.map((act) => act.type)];
  });

/** Goes there by Tab alone, forwards or backwards. */
async function tabTo(page: Page, there: Locator, key = "Tab"): Promise<void> {
  for (let n = 0; n < 120; n += 1) {
    if (await there.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not lead to ${there}`);
}

test("by keys alone a post is begun, written, timed and submitted", async ({ page }) => {
  await open(page, "/today", "", "compose");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.keyboard.press("c");
  const text = page.getByRole("textbox", { name: "Text", exact: true });
  await tabTo(page, text);
  await page.keyboard.type("Snow came nine days late at our four ridge stations.");
  await tabTo(page, page.getByRole("button", { name: /^When: As soon as approved/ }));
  await page.keyboard.press("Enter");
  const time = page.getByLabel("Time", { exact: true });
  await tabTo(page, time);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("9:15 pm");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^When: Mon 23 Nov, 21:15/ })).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: /^Submit for approval/ }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Submitted. Science check is asked.")).toBeVisible();
  expect(await asked(page)).toContain("submit");
});

test("by keys alone a post is read, noted, approved, and that is taken back", async ({ page }) => {
  await open(page, "/today", "", "review");
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  const reading = page.getByRole("article", { name: "Snow came nine days late" });
  await expect(reading).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(reading).toBeVisible();
  await expect(reading.getByText(/^Note/).last()).toBeVisible();
  await page.keyboard.press("n");
  await page.keyboard.type("Which years?");
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => asked(page)).toContain("add_note");
  await page.keyboard.press("a");
  await expect(page.getByRole("button", { name: /^Undo/ })).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("button", { name: /^Undo/ })).toHaveCount(0);
  await page.keyboard.press("k");
  await expect(reading).toBeVisible();
  await page.keyboard.press("r");
  await page.keyboard.press("Control+Enter");
  await expect(reading.getByRole("alert")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(reading.getByRole("button", { name: /^Approve/ })).toBeVisible();
});

test("by keys alone a post of the calendar is moved by a day", async ({ page }) => {
  await open(page, "/today", "", "review");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  const entry = page.getByRole("button", { name: /The support inbox/ });
  // One stop for the whole month: the arrows go from day to day, Enter into the day.
  await tabTo(page, page.getByRole("gridcell", { name: /23 November/ }));
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "Enter"]) {
    await page.keyboard.press(key);
  }
  await expect(entry).toBeFocused();
  await page.keyboard.press("Alt+ArrowRight");
  await expect(page.getByText(/Moved “The support inbox, opened” to Fri 27 Nov/)).toBeVisible();
  await expect(entry).toBeFocused();
  await page.keyboard.press("Control+z");
  const moves = async () => (await asked(page)).filter((type) => type === "move_delivery").length;
  // Both of its accounts, there and back.
  await expect.poll(moves).toBe(4);
});
