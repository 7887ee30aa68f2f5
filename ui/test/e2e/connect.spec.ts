import { expect } from "@playwright/test";
import { open, test } from "./window";

test("a sign-in through the browser waits, shows its page, and can be cancelled", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "/personas", "", "review");
  await page.getByRole("button", { name: "Connect account" }).first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: /Mastodon/ }).click();
  await expect(sheet.getByLabel("Server")).toBeVisible();
  await expect(sheet.locator("input[type=password]")).toHaveCount(0);

  await sheet.getByRole("radio", { name: "Access token" }).click();
  await expect(sheet.locator("input[type=password]")).toBeVisible();
  await expect(sheet.getByRole("button", { name: "Test", exact: true })).toBeVisible();

  await sheet.getByRole("radio", { name: "In the browser" }).click();
  await expect(sheet.getByRole("button", { name: "Test", exact: true })).toHaveCount(0);
  await sheet.getByRole("button", { name: "Sign in in the browser" }).click();
  await expect(sheet.getByText("This is needed.")).toBeVisible();
  await sheet.getByLabel("Server").fill("social.example");
  await sheet.getByRole("button", { name: "Sign in in the browser" }).click();
  await expect(sheet.getByText("Mastodon asks you in the browser")).toBeVisible();
  await sheet.getByRole("button", { name: "Copy" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("https://social.example/oauth/authorize");
  await sheet.getByRole("button", { name: "Cancel" }).click();
  await expect(sheet.getByText("Mastodon asks you in the browser")).toHaveCount(0);
  await expect(sheet.getByRole("alert")).toHaveCount(0);
});

test("whose account the browser brought is asked before it is kept", async ({ page }) => {
  await open(page, "/personas", "", "review");
  await page.getByRole("button", { name: "Connect account" }).first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: /Mastodon/ }).click();
  await sheet.getByLabel("Server").fill("berg.example");
  await sheet.getByRole("button", { name: "Sign in in the browser" }).click();
  await expect(sheet.getByText("Is that you?")).toBeVisible();
  await expect(sheet.getByText("Someone Else")).toBeVisible();
  await expect(sheet.getByText("@someone@berg.example")).toBeVisible();

  await sheet.getByRole("button", { name: "No, throw it away" }).click();
  await expect(sheet.getByText("Is that you?")).toHaveCount(0);
  await expect(sheet.getByLabel("Server")).toHaveValue("berg.example");

  await sheet.getByRole("button", { name: "Sign in in the browser" }).click();
  await sheet.getByRole("button", { name: "Yes, connect it" }).click();
  await expect(sheet).toHaveCount(0);
});
