import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Approvals, Overview, Person, PersonaDetail } from "../../src/bindings";
import { comeIn, rpc, shot, somebody, test, voice } from "./server";

const words = "Snow came nine days late at our four ridge stations.";

test("a creator submits, two stages approve in browsers, one on a phone, and the server publishes", async ({
  browser,
  served,
}) => {
  const owner = await somebody(browser);
  await owner.goto(served.first);
  await expect(owner.getByRole("heading", { name: "Join Our organization" })).toBeVisible();
  await shot(owner, "join");
  await comeIn(owner, served.first, "Olga Owner", "olga@hut.example");
  await shot(owner, "today-empty");

  // Somebody else with the same link does not come in.
  const late = await somebody(browser);
  await late.goto(served.first);
  await expect(late.getByText("used, taken back, or is too old")).toBeVisible();

  // Invitations by the window.
  await owner.goto(`${served.address}/#/personas/people`);
  const links: Record<string, string> = {};
  for (const [name, role] of [
    ["Jonas", "Approver"],
    ["Petra", "Approver"],
    ["Mara", "Creator"],
  ] as const) {
    const form = owner.getByRole("form", { name: "Invitations" });
    await form.getByRole("button", { name: /^Role/ }).click();
    await owner.getByRole("option", { name: new RegExp(`^${role}`) }).click();
    await form.getByLabel("E-mail address").fill(`${name.toLowerCase()}@hut.example`);
    await form.getByRole("button", { name: "Make invitation" }).click();
    await expect(owner.getByText(`${name.toLowerCase()}@hut.example`)).toBeVisible();
    links[name] = await owner.getByLabel("Link", { exact: true }).inputValue();
  }
  await shot(owner, "people");

  const jonas = await somebody(browser);
  await jonas.goto(links.Jonas ?? "");
  await expect(jonas.getByText("Olga Owner invites you as Approver")).toBeVisible();
  await comeIn(jonas, links.Jonas ?? "", "Jonas Check");
  const petra = await somebody(browser, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await petra.goto(links.Petra ?? "");
  await petra.getByLabel("Your name").waitFor();
  await shot(petra, "join-phone");
  await petra.getByLabel("Your name").fill("Petra Final");
  await petra.getByLabel("New password").fill("Petra keeps two warm stoves");
  await petra.getByRole("button", { name: "Join", exact: true }).tap();
  await petra.getByRole("navigation").first().waitFor();
  const mara = await somebody(browser);
  await comeIn(mara, links.Mara ?? "", "Mara Writer");

  // A persona with a chain of two stages, and a site on the server.
  const people = await rpc<Person[]>(owner, "query", { type: "people" });
  const of = (name: string) => people.find((one) => one.name === name)?.id ?? "";
  const ids = { chain: crypto.randomUUID(), persona: crypto.randomUUID() };
  const stage = (name: string, person: string) => ({
    name,
    approvers: [{ type: "person", id: of(person) }],
    quorum: { type: "any" },
  });
  await voice(owner, ids, {
    name: "Two looks",
    stages: [stage("Science check", "Jonas Check"), stage("Final look", "Petra Final")],
  });

  // The creator writes and submits in the window.
  await mara.goto(`${served.address}/#/compose`);
  await mara.getByRole("textbox", { name: "Text", exact: true }).fill(words);
  await mara.getByRole("button", { name: /^Submit for approval/ }).click();
  await expect(mara.getByText("Submitted. Science check is asked.")).toBeVisible();
  await shot(mara, "submitted");
  // A creator's login decides nothing.
  const approvals = await rpc<Approvals>(mara, "query", {
    type: "approvals",
    tab: "all_open",
  });
  const request = approvals.rows[0]?.id ?? "";
  expect(request).not.toBe("");

  // The first stage, at a desk.
  await jonas.goto(`${served.address}/#/approvals`);
  await expect(jonas.getByText(words).first()).toBeVisible();
  await shot(jonas, "approvals");
  await jonas
    .getByRole("button", { name: /^Approve/ })
    .first()
    .click();
  await expect(jonas.getByRole("button", { name: /^Undo/ })).toBeVisible();

  // The second on a phone: a link to the one request, signed out, then two taps.
  const phone = await somebody(browser, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.goto(`${served.address}/#/approvals/${request}`);
  await phone.getByLabel("E-mail address").fill("petra@hut.example");
  await phone.getByLabel("Password").fill("Petra keeps two warm stoves");
  await shot(phone, "sign-in-phone");
  await phone.getByRole("button", { name: "Sign in", exact: true }).tap();
  await expect(phone.getByText(words).first()).toBeVisible();
  await shot(phone, "approve-phone");
  await phone
    .getByRole("button", { name: /^Approve/ })
    .first()
    .tap();
  await expect(phone.getByText(/It goes out now/)).toBeVisible();
  await shot(phone, "approved-phone");

  // The server publishes, with nobody's machine in between.
  const overview = await rpc<Overview>(owner, "query", { type: "overview" });
  expect(overview.signed_in).toBe(true);
  const personas = await rpc<PersonaDetail[]>(owner, "query", { type: "personas" });
  expect(personas[0]?.accounts[0]?.status).toBe("connected");
  const sites = join(served.data, "sites");
  await expect
    .poll(
      () => {
        const [organization] = existsSync(sites) ? readdirSync(sites) : [];
        const entries = join(sites, organization ?? "", "notes", "entries");
        return existsSync(entries) ? readdirSync(entries).length : 0;
      },
      { timeout: 30_000 },
    )
    .toBe(1);
  await expect(mara.getByText("Published").first()).toBeVisible({ timeout: 15_000 });
  await shot(mara, "published");

  await served.halt();
  expect(served.admin("verify-audit")).toContain("whole");
});
