import { expect, type Page } from "@playwright/test";
import { open, test } from "./window";

interface FakeCore {
  calls: { mutation: { type: string } }[];
  acts: { type: string; updates?: string[]; deliveries?: unknown[] }[];
}
const core = (page: Page) =>
  page.evaluate(() => {
    const { calls, acts } = (window as unknown as { core: FakeCore }).core;
    return { calls: calls.map((call) => call.mutation), acts };
  });

test("an approved newer version is offered, and asked about before people see it", async ({
  page,
}) => {
  await open(page, "/content/c-updates", "", "compose");
  await expect(page.getByText("Version 4 is approved. Local site still shows")).toBeVisible();
  await page.getByRole("button", { name: "Update the post…" }).click();
  await page.getByRole("button", { name: "Update", exact: true }).click();
  await expect
    .poll(async () => (await core(page)).calls)
    .toContainEqual({
      type: "update_published",
      deliveries: ["d-site"],
    });
});

test("what failed says why, and can be tried again or left", async ({ page }) => {
  await open(page, "/content/c-updates", "", "compose");
  await expect(page.getByText("Version 4 is not on LinkedIn.")).toBeVisible();
  await expect(page.getByText("Text character limit of 500 exceeded")).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: "Leave it as it is" }).click();
  const types = async () => (await core(page)).calls.map(({ type }) => type);
  await expect.poll(types).toEqual(expect.arrayContaining(["update_published", "cancel_update"]));
});

test("where nothing can be edited nothing is offered", async ({ page }) => {
  await open(page, "/content/c-published", "", "compose");
  await page.getByRole("button", { name: "More for Bluesky" }).click();
  await expect(page.getByRole("menuitem", { name: "Delete and redraft…" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Update the post…" })).toBeHidden();
});

test("delete and redraft asks once and opens the draft", async ({ page }) => {
  await open(page, "/content/c-published", "", "compose");
  await page.getByRole("button", { name: "More for Bluesky" }).click();
  await page.getByRole("menuitem", { name: "Delete and redraft…" }).click();
  await page.getByRole("button", { name: "Delete and redraft", exact: true }).click();
  await expect
    .poll(async () => (await core(page)).acts.map(({ type }) => type))
    .toContain("redraft");
  await expect(page).toHaveURL(/#\/compose\/[0-9a-f-]{36}/);
});

test("writing on what is out makes an update, and sends it nowhere else", async ({ page }) => {
  await open(page, "/compose/c-updates", "", "compose");
  await expect(page.getByRole("heading", { name: "It is out" })).toBeVisible();
  await page.getByRole("button", { name: /^Submit the update/ }).click();
  await expect
    .poll(async () => (await core(page)).acts.find(({ type }) => type === "submit"))
    .toMatchObject({
      deliveries: [],
      updates: ["d-linkedin", "d-site"],
    });
});
