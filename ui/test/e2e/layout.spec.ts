import { expect } from "@playwright/test";
import { open, type Samples, test } from "./window";

const places: readonly (readonly [where: string, samples?: Samples])[] = [
  ["/today"],
  ["/queue"],
  ["/settings/keys"],
  ["/compose/c-snow", "compose"],
  ["/approvals", "review"],
  ["/calendar", "review"],
  ["/personas", "review"],
];

for (const [width, height] of [
  [1440, 900],
  [1024, 700],
  [720, 640],
] as const) {
  for (const [place, samples] of places) {
    test(`nothing is wider than the window: ${place} at ${width}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await open(page, place, "", samples);
      await page.waitForTimeout(300);
      const over = await page.evaluate(() => ({
        page: document.documentElement.scrollWidth - window.innerWidth,
        main: (() => {
          const main = document.querySelector("main");
          return main ? main.scrollWidth - main.clientWidth : 0;
        })(),
      }));
      expect(over).toEqual({ page: 0, main: 0 });
    });
  }
}

test.describe("in German", () => {
  test.use({ locale: "de-DE" });
  for (const [place, samples] of [...places, ["/settings/appearance"] as const]) {
    test(`nothing is wider than the window: ${place}`, async ({ page }) => {
      await page.setViewportSize({ width: 1024, height: 700 });
      await open(page, place, "", samples);
      await page.waitForTimeout(300);
      await expect(page.locator("html")).toHaveAttribute("lang", "de");
      const over = await page.evaluate(() => ({
        page: document.documentElement.scrollWidth - window.innerWidth,
        main: (() => {
          const main = document.querySelector("main");
          return main ? main.scrollWidth - main.clientWidth : 0;
        })(),
      }));
      expect(over).toEqual({ page: 0, main: 0 });
    });
  }
});

for (const place of [
  "/today",
  "/queue",
  "/settings/appearance",
  "/settings/computer",
  "/settings/notifications",
]) {
  test(`words two fifths longer still fit: ${place}`, async ({ page }) => {
    await page.setViewportSize({ width: 1024, height: 700 });
    await open(page, place, "pseudo");
    await page.waitForTimeout(300);
    const over = await page.evaluate(() => {
      const main = document.querySelector("main");
      return main ? main.scrollWidth - main.clientWidth : 0;
    });
    expect(over).toBe(0);
  });
}

test("a day with many posts stays on its line, and each can be opened", async ({ page }) => {
  for (const width of [1280, 1024, 720]) {
    await page.setViewportSize({ width, height: 800 });
    await open(page, "/today", "full");
    const line = page.getByRole("group", { name: "The day in Berlin" });
    const bundles = line.getByRole("button");
    await expect(bundles.first()).toBeVisible();
    const ends = await line.evaluate((box) => {
      const inside = box.getBoundingClientRect();
      const all = [...box.querySelectorAll("button")].map((b) => b.getBoundingClientRect());
      const overlap = all.filter((b, n) => n > 0 && b.left < (all[n - 1]?.right ?? 0) - 1);
      const beyond = all.filter((b) => b.left < inside.left - 8 || b.right > inside.right + 8);
      return { overlap: overlap.length, beyond: beyond.length };
    });
    expect(ends).toEqual({ overlap: 0, beyond: 0 });
  }
  await page
    .getByRole("button", { name: /posts from/ })
    .first()
    .click();
  const posts = page.getByRole("dialog", { name: /posts from/ }).getByRole("button");
  expect(await posts.count()).toBeGreaterThan(1);
  await posts.first().click();
  await expect(page).toHaveURL(/content/);
});

test("of much that needs a person the first is shown, and the rest is one press away", async ({
  page,
}) => {
  await open(page, "/today", "full");
  const lines = page.getByRole("region", { name: "Needs you" }).getByRole("listitem");
  await expect(lines).toHaveCount(30);
  await page.getByRole("button", { name: "Show all 80" }).click();
  await expect(lines).toHaveCount(80);
});

test("a narrow window has the rail, a wide one the words", async ({ page }) => {
  await open(page, "/today");
  await expect(page.getByRole("navigation", { name: "Places" })).toContainText("Queue");
  await page.setViewportSize({ width: 1024, height: 700 });
  await expect(page.getByRole("navigation", { name: "Places" })).not.toContainText("Queue");
});
