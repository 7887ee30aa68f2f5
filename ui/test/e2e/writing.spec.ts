import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";
import { open, test } from "./window";

interface Kept {
  type: string;
  body?: { shared: { segments: { text: string }[]; options: object } };
  deliveries?: { planned?: { wall: string } }[];
}
interface FakeCore {
  calls: { mutation: Kept }[];
  acts: { type: string; wish?: { task: string; again?: boolean; material?: { title: string } } }[];
}
const core = (page: Page) =>
  page.evaluate(() => {
    const { calls, acts } = (window as unknown as { core: FakeCore }).core;
    return { kept: calls.map((call) => call.mutation), acts: [...acts] };
  });
const text = (page: Page) => page.getByRole("textbox", { name: "Text", exact: true });

/** A post with these words, and the help beside it. */
async function begin(page: Page, words: string): Promise<Locator> {
  await open(page, "/queue", "", "compose");
  await page.keyboard.press("c");
  await text(page).focus();
  await page.keyboard.type(words);
  await page.keyboard.press("Control+j");
  return page.getByRole("region", { name: "Help me write" });
}

/** Has a task done. */
async function write(page: Page, help: Locator, task: string) {
  await help.getByRole("button", { name: "What to do" }).click();
  await page.getByRole("option", { name: task, exact: true }).click();
  await help.getByRole("button", { name: "Write", exact: true }).click();
  await page.clock.runFor(2_000);
  await expect(help.getByRole("listitem").first()).toBeVisible();
}

test("a first line is chosen of several, shown as a change", async ({ page }) => {
  const help = await begin(page, "Snow came so late.");
  await write(page, help, "First lines");
  await expect(help.locator("ins").first()).toHaveText("Who saw the snow?");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await help.getByRole("button", { name: "Use this" }).nth(1).click();
  await expect(text(page)).toHaveValue("White, overnight.\n\nSnow came so late.");
  await page.keyboard.press("Control+z");
  await expect(text(page)).toHaveValue("Snow came so late.");
});

test("a remark of a critique is taken over by itself, where its words still stand", async ({
  page,
}) => {
  const help = await begin(page, "Snow came so late.");
  await write(page, help, "Hold against the voice");
  await expect(help.locator("del").first()).toHaveText("so ");
  await expect(help.getByText("No filler words")).toBeVisible();
  const use = help.getByRole("button", { name: "Use this" });
  await use.first().click();
  await expect(text(page)).toHaveValue("Snow came late.");
  // The other is about words that are not there, and the first is done.
  for (const at of [0, 1]) await expect(use.nth(at)).toHaveAttribute("aria-disabled", "true");
});

test("a thread takes the place of a part, and is taken back at once", async ({ page }) => {
  const help = await begin(page, "Snow came so late.");
  await write(page, help, "Thread");
  await help.getByRole("button", { name: "Use 3 parts" }).click();
  await page.clock.runFor(1_000);
  const parts = async () => {
    const last = (await core(page)).kept.filter((one) => one.body).at(-1);
    return last?.body?.shared.segments.map((one) => one.text);
  };
  await expect.poll(parts).toEqual(["Snow came late.", "Then it stayed.", "The ridge is open."]);
  await page.keyboard.press("Control+z");
  await page.clock.runFor(1_000);
  await expect.poll(parts).toEqual(["Snow came so late."]);
});

test("of two variants one is used and the other becomes a draft", async ({ page }) => {
  const help = await begin(page, "Snow came late.");
  await write(page, help, "Two variants");
  await help.getByRole("button", { name: "Make a draft" }).nth(1).click();
  await expect(page.getByText("A draft was made.").first()).toBeVisible();
  const made = (await core(page)).kept.filter((one) => one.type === "save_working_copy").at(-1);
  expect(made?.body?.shared).toMatchObject({
    segments: [{ text: "Snow came late, and stayed." }],
    options: { made_with_ai: true },
  });
  await help.getByRole("button", { name: "Use this" }).first().click();
  await expect(text(page)).toHaveValue("Snow came late. Who was out?");
});

test("a week's plan becomes drafts at their times, one by one", async ({ page }) => {
  const help = await begin(page, "Snow came late.");
  await write(page, help, "Plan a week");
  await expect(help.getByText(/Thu.*26.*10:00/)).toBeVisible();
  await help.getByRole("button", { name: "Make a draft" }).first().click();
  await expect(page.getByText("A draft was made.").first()).toBeVisible();
  const kept = (await core(page)).kept.slice(-2);
  expect(kept.map((one) => one.type)).toEqual(["save_working_copy", "plan"]);
  expect(kept[0]?.body?.shared.segments[0]?.text).toBe("The hut opens.");
  expect(kept[1]?.deliveries?.every((one) => one.planned?.wall === "2026-11-26T10:00")).toBe(true);
  await expect(text(page)).toHaveValue("Snow came late.");
});

test("a draft is written from a page, and the same question again asks for another", async ({
  page,
}) => {
  const help = await begin(page, " ");
  await help.getByLabel("From a page").fill("https://hut.example/news");
  await help.getByRole("button", { name: "Read it" }).click();
  await page.clock.runFor(100);
  await expect(help.getByText("The hut opens")).toBeVisible();
  for (const again of [undefined, true]) {
    await help.getByRole("button", { name: "Write", exact: true }).click();
    await page.clock.runFor(1_000);
    await expect(help.getByText("The hut opens: On Friday.")).toBeVisible();
    const asked = (await core(page)).acts.filter((act) => act.type === "write").at(-1)?.wish;
    expect(asked?.material?.title).toBe("The hut opens");
    expect(asked?.again).toBe(again);
  }
});

test("a reply needs what is answered", async ({ page }) => {
  const help = await begin(page, " ");
  await help.getByRole("button", { name: "What to do" }).click();
  await page.getByRole("option", { name: "Ideas for a reply" }).click();
  const ask = help.getByRole("button", { name: "Write", exact: true });
  await expect(ask).toHaveAttribute("aria-disabled", "true");
  await help.getByLabel("What you answer to").fill("Is the hut open?");
  await ask.click();
  await page.clock.runFor(1_000);
  await expect(help.getByText("It helps to call the hut.")).toBeVisible();
});

test("a picture's description is proposed, and is a person's to take", async ({ page }) => {
  await open(page, "/compose", "", "compose");
  await page
    .locator("input[type=file]")
    .first()
    .setInputFiles([{ name: "chart.png", mimeType: "image/png", buffer: Buffer.from("y") }]);
  await page.getByRole("button", { name: "Write", exact: true }).click();
  const field = page.getByLabel("Alt text of chart.png");
  await page.getByRole("button", { name: "Propose a description" }).click();
  await page.clock.runFor(1_000);
  await expect(page.locator("ins")).toHaveText("A ridge under fresh snow.");
  await expect(field).toHaveValue("");
  await page.getByRole("button", { name: "Use this" }).click();
  await expect(field).toHaveValue("A ridge under fresh snow.");
});

test("prices and the most in a month are set where the models are", async ({ page }) => {
  await open(page, "/settings/models", "", "compose");
  await page.getByLabel("What a million tokens of answers cost with Own").fill("0,60");
  await page.keyboard.press("Enter");
  const saved = async () => {
    const acts = (await core(page)).acts as { type: string; settings?: { models: unknown[] } }[];
    return acts.filter((act) => act.type === "save_settings").at(-1)?.settings?.models[0];
  };
  await expect.poll(saved).toMatchObject({ price: { input: 0, output: 600_000 } });
  await expect(page.getByText("1.20 by your prices")).toBeVisible();
  const cap = page.getByLabel(/The most that Firn.* may cost in a month/);
  await cap.fill("2.5");
  await cap.press("Enter");
  const kept = async () =>
    (await core(page)).kept.filter((one) => one.type === "save_persona").at(-1);
  await expect.poll(kept).toMatchObject({ profile: { monthly_cost: 2_500_000 } });
});
