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

test("a narrow window has the rail, a wide one the words", async ({ page }) => {
  await open(page, "/today");
  await expect(page.getByRole("navigation", { name: "Places" })).toContainText("Queue");
  await page.setViewportSize({ width: 1024, height: 700 });
  await expect(page.getByRole("navigation", { name: "Places" })).not.toContainText("Queue");
});
