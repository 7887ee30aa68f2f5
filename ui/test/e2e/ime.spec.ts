import { type CDPSession, expect, type Page } from "@playwright/test";
import { open, test } from "./window";

interface FakeCore {
  calls: { mutation: { type: string } }[];
  acts: { type: string }[];
}
const acts = (page: Page) =>
  page.evaluate(() =>
    (window as unknown as { core: FakeCore }).core.acts.map((act) => act.type as string),
  );

/** An input method: it shows words that are not chosen yet, and has the keys meanwhile. */
async function method(page: Page) {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  return {
    compose: (text: string) =>
      cdp.send("Input.imeSetComposition", {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      }),
    /** A key that the method takes for itself; browsers mark it with the code 229. */
    key: async (key: string, modifiers = 0) => {
      const event = { key, code: key, windowsVirtualKeyCode: 229, modifiers };
      await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
      await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    },
    commit: (text: string) => cdp.send("Input.insertText", { text }),
  };
}
const CTRL = 2;

test("words that are being composed send nothing, and come in whole", async ({ page }) => {
  await open(page, "/compose", "", "compose");
  const text = page.getByRole("textbox", { name: "Text", exact: true });
  await text.click();
  const ime = await method(page);
  await ime.compose("ゆき");
  await ime.key("Enter", CTRL);
  await ime.key("Enter");
  await ime.key("Escape");
  await ime.commit("雪");
  await expect(text).toHaveValue("雪");
  await expect(text).toBeFocused();
  expect(await acts(page)).not.toContain("submit");
  await page.keyboard.type(" fell.");
  await expect(text).toHaveValue("雪 fell.");
  await expect(page.getByText(/Draft · saved/)).toBeVisible();
});

test("Enter and Escape of an input method leave a sheet open", async ({ page }) => {
  await open(page, "/personas", "", "review");
  await page.getByRole("button", { name: "Connect account" }).first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: /Mastodon/ }).click();
  const server = sheet.getByLabel("Server");
  await server.click();
  const ime = await method(page);
  await ime.compose("やま");
  await ime.key("Enter");
  await ime.key("Escape");
  await expect(server).toBeVisible();
  await expect(sheet.getByText("Mastodon asks you in the browser")).toHaveCount(0);
  expect(await acts(page)).not.toContain("sign_in");
  await ime.commit("山.example");
  await expect(server).toHaveValue("山.example");
  // Its own Escape closes it again.
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
});

test("a name is looked for by the words that came out, not by the keys on the way", async ({
  page,
}) => {
  await open(page, "/queue");
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox");
  const ime = await method(page);
  await ime.compose("れいと");
  await ime.key("Enter");
  await ime.key("ArrowDown");
  await expect(field).toBeVisible();
  await ime.commit("late");
  await expect(field).toHaveValue("late");
  await page.getByText("5 found").waitFor();
});

test("a list of choices grows by Enter, but not by the Enter that ends a composition", async ({
  page,
}) => {
  await page.addInitScript(() => localStorage.setItem("rostrum.counted.p-firn", '["mastodon"]'));
  await open(page, "/compose/c-snow", "", "compose");
  await page.getByRole("tab", { name: /Mastodon/ }).click();
  await page.getByRole("button", { name: "Add a poll" }).click();
  const first = page.getByLabel("Choice 1", { exact: true });
  await expect(first).toBeFocused();
  const ime = await method(page);
  await ime.compose("きた");
  await ime.key("Enter");
  await ime.commit("北");
  await expect(first).toBeFocused();
  await expect(first).toHaveValue("北");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Choice 2", { exact: true })).toBeFocused();
});

test("what is written to be read is checked in its own language", async ({ page }) => {
  await open(page, "/compose/c-snow", "", "compose");
  const text = page.getByRole("textbox", { name: "Text", exact: true });
  await expect(text).toHaveAttribute("lang", "en");
  await expect(text).toHaveJSProperty("spellcheck", true);
  await expect(text).toHaveAttribute("dir", "auto");
  const warning = page.getByLabel("Warning");
  await expect(warning).toHaveAttribute("lang", "en");
  await expect(warning).toHaveJSProperty("spellcheck", true);
});
