import { expect } from "@playwright/test";
import { open, test } from "./window";

test("a changed option is part of what changed, and of what is decided on", async ({ page }) => {
  await open(page, "/approvals", "", "review");
  const reading = page.getByRole("article", { name: "Snow came nine days late" });
  await expect(reading.getByText("2 options changed").first()).toBeVisible();
  const options = reading.getByRole("region", { name: "Options" });
  await expect(options.locator("del")).toHaveText("Everyone");
  await expect(options.locator("ins")).toHaveText(["Followed accounts", "Off"]);
  await reading.getByRole("button", { name: /Mastodon/ }).click();
  await expect(options.locator("ins")).toHaveText(["Unlisted", "“Many figures”"]);
  await reading.getByRole("radio", { name: "Preview" }).click();
  const post = reading.getByRole("article", { name: /Mastodon/ });
  await expect(post.getByText("Unlisted")).toBeVisible();
  // Who decides sees what the warning folds.
  await expect(post.getByText("Many figures")).toBeVisible();
  await expect(post.getByText(/Snow came nine days late/)).toBeVisible();
});
