import { expect, type Page } from "@playwright/test";
import type { RequestDetail } from "../../src/bindings";
import { comeIn, rpc, shot, somebody, test, voice } from "./server";

const words = "Snow came nine days late at our four ridge stations.";
/** A phone, and what is touched on it at least: 44 pixels (WCAG 2.5.5). */
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

function linkIn(text: string, way: string): string {
  return new RegExp(`http\\S+/#/${way}/\\S+`).exec(text)?.[0] ?? "";
}

async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, "nothing is cut off at the side").toBeLessThanOrEqual(390);
}

test("an invitation comes by mail, a letter opens one request on a phone, and two taps decide", async ({
  browser,
  mailing,
  mailbox,
}) => {
  test.setTimeout(240_000);
  const owner = await somebody(browser);
  await comeIn(owner, mailing.first, "Olga Owner", "olga@hut.example");
  await owner.goto(`${mailing.address}/#/personas/people`);
  const form = owner.getByRole("form", { name: "Invitations" });
  await form.getByRole("button", { name: /^Role/ }).click();
  await owner.getByRole("option", { name: /^Approver/ }).click();
  await form.getByLabel("E-mail address").fill("petra@hut.example");
  await form.getByRole("button", { name: "Make invitation" }).click();
  await expect(owner.getByText(/^Mailed on/)).toBeVisible({ timeout: 20_000 });
  await shot(owner, "mail-invitations");
  const invitation = await mailbox.letter("petra@hut.example", "invites you");
  const petra = await somebody(browser);
  await comeIn(petra, linkIn(invitation.text, "join"), "Petra Final");

  await petra.goto(`${mailing.address}/#/settings/notifications`);
  const mailed = petra.getByRole("switch", { name: "Mail me what concerns me" });
  await mailed.click();
  await expect(mailed).toBeChecked();
  await mailed.scrollIntoViewIfNeeded();
  await shot(petra, "mail-settings");
  const dark = await somebody(browser, { colorScheme: "dark" });
  await dark.goto(mailing.address);
  await dark.getByLabel("E-mail address").fill("petra@hut.example");
  await dark.getByLabel("Password").fill("Petra Final keeps two warm stoves");
  await dark.keyboard.press("Enter");
  await dark.getByRole("navigation", { name: "Places" }).waitFor();
  await dark.goto(`${mailing.address}/#/settings/notifications`);
  await dark.getByRole("switch", { name: "Mail me what concerns me" }).scrollIntoViewIfNeeded();
  await shot(dark, "mail-settings-dark");

  const ids = { chain: crypto.randomUUID(), persona: crypto.randomUUID() };
  await voice(owner, ids, {
    name: "One look",
    stages: [
      {
        name: "Final look",
        approvers: [{ type: "role", role: "approver" }],
        quorum: { type: "any" },
      },
    ],
  });
  await owner.goto(`${mailing.address}/#/compose`);
  // The persona came from elsewhere.
  await owner.reload();
  await owner.getByRole("textbox", { name: "Text", exact: true }).fill(words);
  await owner.getByRole("button", { name: /^Submit for approval/ }).click();
  await expect(owner.getByText("Submitted. Final look is asked.")).toBeVisible();
  const letter = await mailbox.letter("petra@hut.example", "Snow came");
  const link = linkIn(letter.text, "in");
  expect(link).toContain("/approvals/");

  // Signed out, on a phone: the link leads through the sign-in to that one request.
  const hand = await somebody(browser, phone);
  await hand.goto(link);
  await hand.getByLabel("E-mail address").fill("petra@hut.example");
  await hand.getByLabel("Password").fill("Petra Final keeps two warm stoves");
  await fits(hand);
  await shot(hand, "mail-in-phone");
  await hand.getByRole("button", { name: "Sign in", exact: true }).tap();
  await expect(hand.getByText(words).first()).toBeVisible();
  expect(hand.url()).toContain(link.split("/approvals/")[1] ?? "?");
  await shot(hand, "mail-request-phone");
  await fits(hand);
  await hand
    .getByRole("button", { name: /^Approve/ })
    .first()
    .tap();
  await expect(hand.getByText(/It goes out now/)).toBeVisible();
  const request = link.split("/approvals/")[1] ?? "";
  const detail = await rpc<RequestDetail>(owner, "query", { type: "request", id: request });
  expect(detail.status).toBe("approved");
});

test("who forgot a password gets a link by mail, on a phone", async ({
  browser,
  mailing,
  mailbox,
}) => {
  const owner = await somebody(browser);
  await comeIn(owner, mailing.first, "Olga Owner", "olga@hut.example");
  const hand = await somebody(browser, { ...phone, colorScheme: "dark" });
  await hand.goto(mailing.address);
  await shot(hand, "mail-sign-in-phone-dark");
  await hand.getByRole("button", { name: "Forgotten it?" }).tap();
  await hand.getByLabel("E-mail address").fill("olga@hut.example");
  await fits(hand);
  await shot(hand, "mail-forgotten-phone-dark");
  await hand.getByRole("button", { name: "Send link" }).tap();
  await expect(hand.getByText("the link is on its way", { exact: false })).toBeVisible();
  await shot(hand, "mail-sent-phone-dark");
  const letter = await mailbox.letter("olga@hut.example", "new password");
  await hand.goto(linkIn(letter.text, "reset"));
  await hand.getByRole("textbox", { name: "New password" }).fill("a goat, two huts and some rain");
  await shot(hand, "mail-reset-phone-dark");
  await hand
    .getByRole("button")
    .filter({ hasText: /password/i })
    .first()
    .tap();
  await expect(hand.getByLabel("E-mail address")).toBeVisible();
  await hand.getByLabel("E-mail address").fill("olga@hut.example");
  await hand.getByLabel("Password").fill("a goat, two huts and some rain");
  await hand.getByRole("button", { name: "Sign in", exact: true }).tap();
  await hand.getByRole("navigation").first().waitFor();
});

test("whoever manages people sees that mail stands, and why", async ({
  browser,
  mailing,
  mailbox,
}) => {
  const owner = await somebody(browser);
  await comeIn(owner, mailing.first, "Olga Owner", "olga@hut.example");
  await mailbox.close();
  await owner.goto(`${mailing.address}/#/personas/people`);
  const form = owner.getByRole("form", { name: "Invitations" });
  await form.getByLabel("E-mail address").fill("petra@hut.example");
  await form.getByRole("button", { name: "Make invitation" }).click();
  await expect(owner.getByText(/^Not mailed/)).toBeVisible({ timeout: 20_000 });
  await owner.reload();
  await expect(
    owner.getByText("the mail server cannot be reached", { exact: false }),
  ).toBeVisible();
  await shot(owner, "mail-stands");
});
