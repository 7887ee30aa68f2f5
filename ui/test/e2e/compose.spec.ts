import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { open, test } from "./window";

/** What the window asked of the core, by name. */
const asked = (page: Page) =>
  page.evaluate(() => {
    const { calls, acts } = (window as unknown as { core: FakeCore }).core;
    return [...calls.map((call) => call.mutation.type), ...acts.map((act) => act.type)];
  });
const lastAct = (page: Page) =>
  page.evaluate(() => (window as unknown as { core: FakeCore }).core.acts.at(-1));
interface FakeCore {
  calls: { mutation: { type: string } }[];
  acts: { type: string; deliveries?: { planned?: { wall: string }; hand_off?: boolean }[] }[];
}
const text = (page: Page) => page.getByRole("textbox", { name: "Text", exact: true });

test("a post is written, timed and submitted by keyboard alone", async ({ page }) => {
  await open(page, "/queue", "", "compose");
  await page.keyboard.press("c");
  await text(page).focus();
  await page.keyboard.type("Snow came nine days late. firnline.example/notes");
  await expect(page.getByText(/Draft · saved/)).toBeVisible();
  await expect(page).toHaveURL(/#\/compose\/[0-9a-f-]{36}/);
  await expect(text(page)).toBeFocused();
  await page.getByRole("button", { name: /^When: As soon as approved/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Time", { exact: true }).fill("9:15 pm");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^When: Mon 23 Nov, 21:15/ })).toBeVisible();
  await text(page).focus();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Submitted. Science check is asked.")).toBeVisible();
  const act = await lastAct(page);
  expect(act?.type).toBe("submit");
  expect(act?.deliveries?.map((plan) => plan.planned?.wall)).toEqual(
    Array(3).fill("2026-11-23T21:15"),
  );
});

test("a network that can keep the time is let to, and says who sends it", async ({ page }) => {
  await open(page, "/queue", "", "compose");
  await page.keyboard.press("c");
  await text(page).focus();
  await page.keyboard.type("Snow came nine days late.");
  const keep = page.getByRole("switch", { name: "Let LinkedIn keep the time" });
  await expect(keep).toBeHidden();
  await page.getByRole("button", { name: /^When: As soon as approved/ }).click();
  await page.getByLabel("Time", { exact: true }).fill("9:15 pm");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This computer sends it: it must be on then.")).toBeVisible();
  await keep.click();
  await expect(page.getByText(/An edit or a move takes it back first/)).toBeVisible();
  await expect(page.getByText(/^LinkedIn keeps the time\. The rest this computer/)).toBeVisible();
  await text(page).focus();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Submitted. Science check is asked.")).toBeVisible();
  const act = await lastAct(page);
  expect(act?.deliveries?.map((plan) => plan.hand_off)).toEqual([false, true, false]);
});

test("typing voids nothing and says what saving will do", async ({ page }) => {
  await open(page, "/compose/c-approved", "", "compose");
  await expect(page.getByText("This is approved.")).toBeHidden();
  await text(page).focus();
  await page.keyboard.type("More. ");
  await expect(page.getByText(/This is approved\. Saving a change/)).toBeVisible();
  await expect(page.getByText(/Approved · saved/)).toBeVisible();
  expect(new Set(await asked(page))).toEqual(new Set(["save_working_copy", "fetch_card"]));
});

test("a network gets its own text with the first key, and the shared one back", async ({
  page,
}) => {
  await open(page, "/compose/c-snow", "", "compose");
  await page.getByRole("tab", { name: /Local site/ }).click();
  const shared = await text(page).inputValue();
  await text(page).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Here: ");
  await expect(page.getByText("Local site has its own text.")).toBeVisible();
  await page.getByRole("tab", { name: /Everywhere/ }).click();
  await expect(text(page)).toHaveValue(shared);
  await page.getByRole("tab", { name: /Local site/ }).click();
  await page.getByText("Use the shared text").click();
  await expect(text(page)).toHaveValue(shared);
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(text(page)).toHaveValue(`Here: ${shared}`);
});

test("what is too long becomes a thread on that network alone", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("rostrum.counted.p-firn", '["x"]'));
  await open(page, "/compose/c-snow", "", "compose");
  await page.getByRole("button", { name: "Split in 2" }).click();
  await expect(page.getByRole("heading", { name: "Part 2 of 2" })).toBeVisible();
  await page.getByRole("tab", { name: /Everywhere/ }).click();
  await expect(page.getByRole("heading", { name: /Part/ })).toHaveCount(0);
});

test("a network's own options are chosen by keyboard, and its preview shows them", async ({
  page,
}) => {
  await page.addInitScript(() => localStorage.setItem("rostrum.counted.p-firn", '["mastodon"]'));
  await open(page, "/compose/c-snow", "", "compose");
  await page.getByRole("tab", { name: /LinkedIn/ }).click();
  await expect(page.getByRole("heading", { name: /^Options/ })).toHaveCount(0);
  await page.getByRole("tab", { name: /Mastodon/ }).click();
  await page.getByRole("button", { name: "Readers" }).focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("option", { name: "Followers only" })).toBeVisible();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "Enter"]) {
    await page.keyboard.press(key);
  }
  await expect(page.getByRole("button", { name: "Readers" })).toHaveText("Followers only");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(page.getByRole("switch", { name: "Quotes" })).toBeChecked();
  await page.keyboard.press("Tab");
  await page.keyboard.type("Many figures");
  const preview = page.getByRole("region", { name: "Preview of Mastodon" });
  await expect(preview.getByText("Followers only")).toBeVisible();
  await expect(preview.getByText("Nobody can quote")).toBeVisible();
  await expect(preview.getByText(/Snow came nine days late/)).toBeHidden();
  await preview.getByText("Many figures").click();
  await expect(preview.getByText(/Snow came nine days late/)).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  // The other texts know nothing of it.
  await page.getByRole("tab", { name: /Everywhere/ }).click();
  await expect(page.getByLabel("Warning")).toHaveValue("");
});

test("what one network lacks of a shared choice is said, and mended there alone", async ({
  page,
}) => {
  await page.addInitScript(() =>
    localStorage.setItem("rostrum.counted.p-firn", '["x","mastodon"]'),
  );
  await open(page, "/compose/c-snow", "", "compose");
  await page.getByRole("button", { name: "Add a poll" }).click();
  await expect(page.getByLabel("Choice 1", { exact: true })).toBeFocused();
  await page.keyboard.type("North ridge");
  await page.keyboard.press("Enter");
  await page.keyboard.type("South ridge");
  await expect(
    page.getByRole("region", { name: "Preview of Mastodon" }).getByRole("group", { name: "Poll" }),
  ).toContainText("North ridge");
  await expect(page.getByText("Bluesky, Local site has no polls.")).toBeVisible();
  const finding = page.getByRole("listitem").filter({ hasText: "Local site has no polls" });
  await finding.getByRole("button", { name: "Leave the poll out" }).click();
  await expect(page.getByText("Bluesky goes without the poll.")).toBeVisible();
  await expect(page.getByText("Local site has no polls.")).toBeVisible();
  await expect(page.getByLabel("Choice 2", { exact: true })).toHaveValue("South ridge");
});

test("a picture that is refused says why, beside the one that was taken", async ({ page }) => {
  await open(page, "/compose", "", "compose");
  await page.locator("input[type=file]").setInputFiles([
    { name: "IMG_0001.HEIC", mimeType: "image/heic", buffer: Buffer.from("x") },
    { name: "chart.png", mimeType: "image/png", buffer: Buffer.from("y") },
  ]);
  await expect(page.getByRole("alert")).toContainText("IMG_0001.HEIC was not taken");
  await expect(
    page.getByRole("button", { name: /Picture 1, chart.png\. No alt text/ }),
  ).toBeVisible();
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await expect(page.getByLabel("Alt text of chart.png")).toBeFocused();
  await page.keyboard.type("Snow days, rising.");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("button", { name: /Alt text: Snow days, rising\./ })).toBeVisible();
  expect(await asked(page)).not.toContain("submit");
});

test("a delivery that cannot be known is answered where it stands", async ({ page }) => {
  await open(page, "/content/c-trouble", "", "compose");
  await expect(page.getByText("Did this go out on Bluesky?")).toBeVisible();
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByRole("button", { name: "Look again first" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(() => asked(page)).toContain("answer_unconfirmed");
});

test("any two versions are compared, and the older one comes back as the newest", async ({
  page,
}) => {
  await open(page, "/compose/c-snow", "", "compose");
  await page.getByRole("button", { name: "Compare", exact: true }).first().click();
  const sheet = page.getByRole("dialog");
  await expect(sheet).toContainText("Version 3 to version 4");
  await sheet.getByRole("button", { name: /^Before/ }).click();
  await page.getByRole("option", { name: /Version 1/ }).click();
  await sheet.getByRole("button", { name: /^After/ }).click();
  await page.getByRole("option", { name: /Version 2/ }).click();
  await expect(sheet).toContainText("Version 1 to version 2");
  await expect(sheet).toContainText("No change");
  await sheet.getByRole("button", { name: "Restore version 1" }).click();
  await expect(page.getByText("Version 1 is the newest again")).toBeVisible();
  expect(await asked(page)).toContain("restore_version");
});

test("what is typed becomes a version before an older one comes back", async ({ page }) => {
  await open(page, "/compose/c-snow", "", "compose");
  await text(page).focus();
  await page.keyboard.type("More. ");
  await expect.poll(() => asked(page)).toContain("save_working_copy");
  await page.getByRole("button", { name: "Compare", exact: true }).first().click();
  await expect(page.getByRole("dialog")).toContainText("Version 4 to what is written now");
  await page.getByRole("button", { name: "Restore version 4" }).click();
  await expect(page.getByText("Version 4 is the newest again")).toBeVisible();
  expect((await asked(page)).filter((name) => /^(save|restore_version)$/.test(name))).toEqual([
    "restore_version",
    "save",
  ]);
  await expect(text(page)).not.toHaveValue(/More\./);
});

test("what is noticed in the words stops nothing, is mended in one press, and stays dismissed", async ({
  page,
}) => {
  await open(page, "/queue", "", "compose");
  await page.keyboard.press("c");
  await text(page).focus();
  await page.keyboard.type("A game-changer: 4 % less snow. Two people died. #avalanchereport");
  const remarks = page.getByRole("region", { name: "Remarks" });
  await expect(remarks.getByText("5 remarks")).toBeVisible();
  await expect(remarks.getByText("Firnline Institute never says “game-changer”.")).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await remarks.getByRole("button", { name: "#AvalancheReport" }).click();
  await expect(text(page)).toHaveValue(/died\. #AvalancheReport$/);
  await expect(remarks.getByText("4 remarks")).toBeVisible();
  await remarks.getByRole("button", { name: "#SkiTour" }).click();
  await expect(text(page)).toHaveValue(/#AvalancheReport #SkiTour$/);

  await remarks.getByRole("button", { name: "Dismiss: A figure without a source." }).click();
  await expect(remarks.getByText("A figure without a source.")).toBeHidden();
  await remarks.getByRole("button", { name: "Dismiss: “died”: mind the tone." }).click();
  await page.getByRole("menuitem", { name: "In all posts of Firnline Institute" }).click();
  await expect(page.getByText("Dismissed for Firnline Institute.")).toBeVisible();
  await expect(remarks.getByText("mind the tone")).toBeHidden();
  await page.keyboard.press("Control+z");
  await expect(remarks.getByText("mind the tone")).toBeVisible();
  const scopes = await page.evaluate(() => {
    const { calls } = (window as unknown as { core: FakeCore }).core;
    return calls
      .filter((call) => call.mutation.type === "dismiss_remark")
      .map((call) => "content" in call.mutation);
  });
  expect(scopes).toEqual([true, false, false]);
  // Warnings and all, it can be submitted.
  await text(page).focus();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("Submitted. Science check is asked.")).toBeVisible();
});

test("a model proposes, and words are taken over by a person, marked, with undo", async ({
  page,
}) => {
  await open(page, "/queue", "", "compose");
  await page.keyboard.press("c");
  await text(page).focus();
  await page.keyboard.type("Snow came late.");
  await page.keyboard.press("Control+j");
  const help = page.getByRole("region", { name: "Help me write" });
  await help.getByRole("button", { name: "Look at the request" }).click();
  await expect(page.getByText("It stays on this computer.")).toBeVisible();
  await page.keyboard.press("Escape");
  await help.getByRole("button", { name: "Write", exact: true }).click();
  await page.clock.runFor(2_000);
  await expect(help.locator("ins")).toContainText("later than 42 times before");
  await expect(help.getByText("Not in what it was given: 42")).toBeVisible();
  await expect(text(page)).toHaveValue("Snow came late.");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await help.getByRole("button", { name: "Use this" }).click();
  await expect(text(page)).toHaveValue("Snow came later than 42 times before.");
  const marked = () =>
    page.evaluate(() => {
      const { calls } = (window as unknown as { core: FakeCore }).core;
      const last = calls.filter((call) => call.mutation.type === "save_working_copy").at(-1);
      const kept = last?.mutation as { body?: { shared: { options: object } } } | undefined;
      return kept?.body?.shared.options;
    });
  await page.clock.runFor(1_000);
  expect(await marked()).toEqual({ made_with_ai: true });
  await page.keyboard.press("Control+z");
  await expect(text(page)).toHaveValue("Snow came late.");
  // What does not end is stopped, and nothing of it stays.
  await help.getByLabel("What to mind").fill("without end");
  await help.getByRole("button", { name: "Write", exact: true }).click();
  await page.clock.runFor(200);
  await help.getByRole("button", { name: "Stop" }).click();
  await page.clock.runFor(200);
  await expect(help.getByRole("button", { name: "Write", exact: true })).toBeVisible();
  await expect(help.getByText("Proposal")).toBeHidden();
});
