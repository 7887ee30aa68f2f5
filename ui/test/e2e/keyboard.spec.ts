import { expect } from "@playwright/test";
import { open, test } from "./window";

test("a sequence of two keys goes to a place", async ({ page }) => {
  await open(page, "/today");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await expect(page.getByRole("heading", { name: "Queue" })).toBeVisible();
});

test("J and K move the chosen line", async ({ page }) => {
  await open(page, "/today");
  const chosen = page.locator("li[aria-current=true]");
  await expect(chosen).toContainText("Did this go out on X?");
  await page.keyboard.press("j");
  await expect(chosen).toContainText("Instagram refused this.");
  await page.keyboard.press("k");
  await expect(chosen).toContainText("Did this go out on X?");
});

test("single keys are letters while one types", async ({ page }) => {
  await open(page, "/queue");
  await page.keyboard.press("/");
  await page.keyboard.type("gq jk");
  await expect(page.getByLabel("Find in queue")).toHaveValue("gq jk");
});

test("the palette finds a post and opens it without the mouse", async ({ page }) => {
  await open(page, "/today");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("late snow: the");
  await page.getByText("1 found").waitFor();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#\/content\//);
});

test("the sheet of keys shows what works here and closes with Escape", async ({ page }) => {
  await open(page, "/queue");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("Find in the list");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("what cannot be undone asks once, and the safe answer has the focus", async ({ page }) => {
  await open(page, "/today");
  await page.getByRole("button", { name: "Send again" }).first().click();
  await expect(page.getByRole("alertdialog")).toContainText("Send it again on X?");
  await expect(page.getByRole("button", { name: "Look again first" })).toBeFocused();
});

test("archiving can be undone from its toast", async ({ page }) => {
  await open(page, "/queue");
  await page.getByRole("checkbox", { name: /November in four charts/ }).click();
  await page.getByRole("toolbar").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText("1 post archived")).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(page.getByText("1 post is back")).toBeVisible();
});

test("the first run goes from nothing to a post by keyboard alone", async ({ page }) => {
  await open(page, "/", "first");
  await page.getByLabel("Name of the voice").fill("Ofen Sieben");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Next" }).focus();
  await page.keyboard.press("Enter");
  const text = page.getByRole("textbox", { name: "What it says first" });
  await expect(text).toBeFocused();
  await page.keyboard.type("Ofen auf.");
  await expect(page.getByLabel("Your site, as it will be")).toContainText("Ofen auf.");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Going out to your site")).toBeVisible();
});
