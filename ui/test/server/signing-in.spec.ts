import { expect } from "@playwright/test";
import { comeIn, shot, somebody, test } from "./server";

const password = "Olga Owner keeps two warm stoves";

test("somebody signs in and out, changes their password, and ends another sign-in", async ({
  browser,
  served,
}) => {
  const olga = await somebody(browser);
  await comeIn(olga, served.first, "Olga Owner", "olga@hut.example");
  const other = await somebody(browser, { colorScheme: "dark" });
  await other.goto(served.address);
  await other.getByLabel("E-mail address").fill("olga@hut.example");
  await other.getByLabel("Password").fill("not it at all");
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByText("The address or the password is wrong.")).toBeVisible();
  await shot(other, "sign-in-dark");
  await other.getByLabel("Password").fill(password);
  await other.keyboard.press("Enter");
  await expect(other.getByRole("navigation", { name: "Places" })).toBeVisible();

  await olga.goto(`${served.address}/#/settings/login`);
  await expect(olga.getByText("Here", { exact: true })).toBeVisible();
  await shot(olga, "settings-login");
  await olga.getByRole("button", { name: "End", exact: true }).click();
  await expect(olga.getByRole("button", { name: "End", exact: true })).toBeHidden();
  // The other window is out, and says so without being reloaded.
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 70_000 });

  const form = olga.getByRole("form", { name: "Password" });
  await olga.getByRole("button", { name: "Change password" }).click();
  await form.getByLabel("Password until now").fill(password);
  await form.getByLabel("New password").fill("a goat, two huts and some rain");
  await form.getByRole("button", { name: "Change password" }).click();
  await expect(olga.getByText("Your password is changed.", { exact: false })).toBeVisible();
  await olga.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(olga.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await olga.getByLabel("E-mail address").fill("olga@hut.example");
  await olga.getByLabel("Password").fill("a goat, two huts and some rain");
  await olga.keyboard.press("Enter");
  await expect(olga.getByRole("navigation", { name: "Places" })).toBeVisible();
});
