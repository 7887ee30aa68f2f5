import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { shot } from "./screens";
import { open, test } from "./window";

interface Asked {
  mutation: { type: string; reason?: string; id?: string; source?: { personas: string[] } };
}

const changes = (page: Page): Promise<Asked["mutation"][]> =>
  page.evaluate(() =>
    (window as unknown as { core: { calls: Asked[] } }).core.calls.map((call) => call.mutation),
  );
const acts = (page: Page): Promise<{ type: string; url?: string }[]> =>
  page.evaluate(() => (window as unknown as { core: { acts: { type: string }[] } }).core.acts);

async function clean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

for (const scheme of ["light", "dark"] as const) {
  test(`a trend shows its curve, why, and what it is known from, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/ideas");
    const trend = page.getByRole("region", { name: "Snow line" });
    await expect(trend.getByText("Rising, 3.3 times the expected")).toBeVisible();
    await expect(
      trend.getByText("12 of 17 items are about “snow”, which interests your audience."),
    ).toBeVisible();
    const link = trend.getByRole("link", { name: /at alpine-post\.example/ });
    await expect(link).toHaveAttribute("rel", "noreferrer nofollow");
    await expect(
      page.getByText("412 items from 5 sources this week. Checked 09:30."),
    ).toBeVisible();
    await shot(page, `ideas-trends-${scheme}`);
    await clean(page);
  });

  test(`suggestions are taken, or left with a reason that can be undone, ${scheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/ideas/suggestions");
    const again = page.getByRole("article", { name: "Snow line, firn line, tree line" });
    await expect(again.getByText("It got 61 answers. 26 are usual, from 41 posts.")).toBeVisible();
    await expect(again.getByText("It never went to Bluesky.")).toBeVisible();
    await expect(page.getByText("A draft was made and submitted.")).toBeVisible();
    await expect(page.getByText("An outline was made. No model could be used.")).toBeVisible();
    await shot(page, `ideas-suggestions-${scheme}`);
    await clean(page);
    await again.getByRole("button", { name: /^Dismiss/ }).click();
    await page.getByRole("menuitem", { name: "Already said" }).click();
    await page.getByRole("button", { name: /^Undo/ }).click();
    const asked = await changes(page);
    expect(asked.map((one) => one.type)).toEqual(["dismiss_suggestion", "reopen_suggestion"]);
    expect(asked[0]?.reason).toBe("already_said");
  });

  test(`sources say how reading them goes, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/ideas/sources");
    const list = page.getByRole("list", { name: "Sources" });
    await expect(list.getByText("The server wants a pause")).toBeVisible();
    await expect(list.getByText("Next try 11:00.")).toBeVisible();
    await expect(list.getByText(/Gone for good \(410\)/)).toBeVisible();
    await expect(list.getByText("Hashtag on Mastodon, hut.example #snow")).toBeVisible();
    await shot(page, `ideas-sources-${scheme}`);
    await clean(page);
    await page.getByRole("button", { name: "More for Alpine Post" }).click();
    await page.getByRole("menuitem", { name: "Unfollow" }).click();
    await page.getByRole("button", { name: /^Undo/ }).click();
    const asked = await changes(page);
    expect(asked.map((one) => one.type)).toEqual(["remove_source", "save_source"]);
  });

  test(`an empty place says what to do, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, "/ideas", "empty");
    await expect(page.getByText("Nothing is followed yet")).toBeVisible();
    await shot(page, `ideas-empty-${scheme}`);
    await clean(page);
    await page.getByRole("button", { name: "Follow a source" }).click();
    await expect(page.getByRole("radio", { name: /^Sources/ })).toBeChecked();
    await page.getByRole("button", { name: "Follow a source" }).click();
    const sheet = page.getByRole("dialog", { name: "Follow a source" });
    await shot(page, `ideas-follow-${scheme}`);
    await clean(page);
    await sheet.getByLabel("Address of the site or feed").fill("hut.example");
    await page.keyboard.press("Enter");
    await expect(sheet.getByText("Hut news")).toBeVisible();
    await shot(page, `ideas-found-${scheme}`);
    await sheet.getByRole("button", { name: "Follow Hut news" }).click();
    expect((await acts(page)).map((act) => [act.type, act.url])).toEqual([
      ["discover_feeds", "hut.example"],
    ]);
    const saved = (await changes(page)).at(-1);
    expect(saved?.type).toBe("save_source");
    expect(saved?.source?.personas).toEqual(["p-firn"]);
  });
}

test("everything is reached by keyboard", async ({ page }) => {
  await open(page, "/today");
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page.getByRole("heading", { name: "Ideas", level: 1 })).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("region", { name: "Ash glaze" })).toBeVisible();
  await page.keyboard.press("k");
  const trend = page.getByRole("region", { name: "What you could do" }).or(page.locator("main"));
  await expect(page.getByRole("region", { name: "Snow line" })).toBeVisible();
  const draft = trend.getByRole("button", { name: "Open as draft" }).first();
  await draft.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => changes(page)).toHaveLength(1);
  expect((await changes(page))[0]?.type).toBe("take_suggestion");
});

for (const state of ["loading", "error"] as const) {
  test(`the place says that it is ${state}`, async ({ page }) => {
    await open(page, "/ideas", state);
    if (state === "loading") await expect(page.getByRole("status").first()).toBeAttached();
    else await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
    await shot(page, `ideas-${state}`);
  });
}
