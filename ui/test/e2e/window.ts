import { test as base, type Page } from "@playwright/test";

/** Which samples: of the frame, of writing, of deciding. */
export type Samples = "window" | "compose" | "review";

/** Opens the window over samples at 09:42 of the sample's day. */
export async function open(
  page: Page,
  where: string,
  state = "",
  samples: Samples = "window",
): Promise<void> {
  await page.clock.install({ time: new Date("2026-11-23T08:42:10.000Z") });
  await page.goto(`/dev/${samples}.html${state ? `?state=${state}` : ""}#${where}`);
  await page.locator("main").waitFor();
}

/** A test that fails on any error that the page reports. */
export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await use(page);
    if (errors.length > 0) throw new Error(errors.join("\n"));
  },
});
