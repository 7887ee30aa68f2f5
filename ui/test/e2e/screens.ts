import type { Page } from "@playwright/test";
import { open, type Samples } from "./window";

/** Every screen that there is, and how one gets there. */
export interface Screen {
  name: string;
  show: (page: Page) => Promise<void>;
}

const at = (
  where: string,
  samples?: Samples,
  then?: (page: Page) => Promise<void>,
  name = where,
): Screen => ({
  name,
  show: async (page) => {
    await open(page, where, "", samples);
    await then?.(page);
  },
});

/** The window of a desktop over an organization that it has joined. */
const mirror = (where: string, then?: (page: Page) => Promise<void>, name = where): Screen => ({
  name,
  show: async (page) => {
    await open(page, where, "mirror");
    await then?.(page);
  },
});

/** A view of the calendar; a narrow window has the list alone. */
async function chooseView(page: Page, name: string): Promise<void> {
  const view = page.getByRole("radio", { name });
  if (await view.isVisible()) await view.click();
}

export const screens: readonly Screen[] = [
  at("/today"),
  at("/queue"),
  at(
    "/queue",
    "window",
    async (page) => {
      await page.getByRole("checkbox", { name: "Choose all of “Needs you”" }).click();
    },
    "the queue with chosen posts",
  ),
  at("/settings/appearance"),
  at("/settings/keys"),
  at("/settings/notifications"),
  at("/settings/models"),
  at("/settings/computer"),
  at("/settings/storage"),
  at("/settings/privacy"),
  at("/settings/help"),
  at("/compose", "compose"),
  at("/compose/c-snow", "compose"),
  at("/content/c-published", "compose"),
  at("/content/c-trouble", "compose"),
  at("/content/c-updates", "compose"),
  at("/approvals", "review"),
  at("/calendar", "review"),
  at(
    "/calendar",
    "review",
    async (page) => {
      await chooseView(page, "Week");
    },
    "a week of the calendar",
  ),
  at(
    "/calendar",
    "review",
    async (page) => {
      await chooseView(page, "List");
    },
    "the calendar as a list",
  ),
  at("/personas", "review"),
  at(
    "/personas",
    "review",
    async (page) => {
      const tab = page.getByRole("radio", { name: "Slots" });
      if (!(await tab.isVisible())) await page.locator("main li button").first().click();
      await tab.click();
      await page.getByRole("radio", { name: "Plan" }).click();
    },
    "what may be done on its own",
  ),
  at(
    "/personas",
    "review",
    async (page) => {
      const connect = page.getByRole("button", { name: "Connect account" }).first();
      // In a narrow window the list of personas comes first.
      if (!(await connect.isVisible())) await page.locator("main li button").first().click();
      await connect.click();
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /Mastodon/ })
        .click();
    },
    "the sheet that connects",
  ),
  at("/ideas"),
  at("/ideas/suggestions"),
  at("/ideas/sources"),
  at("/workflows", "review"),
  at(
    "/queue",
    "window",
    async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("late");
      await page.getByText("5 found").waitFor();
    },
    "the palette",
  ),
  at(
    "/queue",
    "window",
    async (page) => {
      await page.keyboard.press("?");
      await page.getByRole("dialog").getByRole("heading").first().waitFor();
    },
    "the sheet of keys",
  ),
  at(
    "/queue",
    "window",
    async (page) => {
      await page.keyboard.press("Shift+C");
      await page.getByRole("dialog", { name: "Templates" }).getByRole("heading").first().waitFor();
    },
    "the templates",
  ),
  mirror("/outbox"),
  mirror("/settings/organizations"),
  mirror(
    "/settings/organizations",
    async (page) => {
      await page.getByRole("button", { name: "Leave" }).first().click();
      await page.getByRole("button", { name: "Stay" }).waitFor();
    },
    "the question before leaving",
  ),
  mirror(
    "/settings/organizations",
    async (page) => {
      await page.locator("main").getByRole("button", { name: "Join an organization" }).click();
      const link = "https://rostrum.hut.example/#/join/a.b.c";
      await page.getByLabel("Invitation link or address of the server").fill(link);
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByText("Olga invites you as Creator").waitFor();
    },
    "the sheet that joins",
  ),
  {
    name: "the first run",
    show: async (page) => {
      await open(page, "/", "first");
      await page.getByText("Say it well").waitFor();
    },
  },
];

/** A picture of what is shown, where somebody wants to look at it. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.ROSTRUM_SHOTS;
  const file = name.replace(/[^\w-]+/g, "-").replace(/^-/, "");
  if (folder) await page.screenshot({ path: `${folder}/${file}.png`, animations: "disabled" });
}
