import { expect } from "@playwright/test";
import type { Approvals, RequestDetail } from "../../src/bindings";
import { comeIn, rpc, shot, somebody, test, voice } from "./server";

const words = "The client wants to see this one before it goes out.";
/** What is touched is at least this high (WCAG 2.5.5). */
const TARGET = 44;

test("somebody from outside approves on a phone by a link, in two taps", async ({
  browser,
  served,
}) => {
  const owner = await somebody(browser);
  await comeIn(owner, served.first, "Olga Owner", "olga@hut.example");
  const ids = { chain: crypto.randomUUID(), persona: crypto.randomUUID() };
  await voice(owner, ids, {
    name: "With the client",
    authors_may_approve: true,
    stages: [
      {
        name: "Client",
        approvers: [{ type: "role", role: "owner" }],
        quorum: { type: "any" },
        outside: true,
      },
    ],
  });
  const submit = async (text: string) => {
    await owner.goto(`${served.address}/#/today`);
    await owner.goto(`${served.address}/#/compose`);
    await owner.getByRole("textbox", { name: "Text", exact: true }).fill(text);
    await owner.getByRole("button", { name: /^Submit for approval/ }).click();
    await expect(owner.getByText("Submitted. Client is asked.")).toBeVisible();
    const open = await rpc<Approvals>(owner, "query", { type: "approvals", tab: "all_open" });
    return open.rows.find((row) => row.content.headline.startsWith(text.slice(0, 10)))?.id ?? "";
  };
  const linkOf = async (request: string, decides: boolean) => {
    await owner.goto(`${served.address}/#/approvals/${request}`);
    await owner.getByRole("button", { name: "Link for somebody outside" }).click();
    const sheet = owner.getByRole("dialog");
    await sheet.getByLabel("Who gets it").fill("Ines of the client");
    if (decides) await sheet.getByRole("switch", { name: "May decide in my place" }).click();
    await shot(owner, "outside-make");
    await sheet.getByRole("button", { name: "Make the link" }).click();
    const address = await sheet.getByLabel("Link", { exact: true }).inputValue();
    await sheet.getByRole("button", { name: "Close" }).last().click();
    return address;
  };
  const request = await submit(words);
  const address = await linkOf(request, true);
  await shot(owner, "outside-links");

  const ines = await somebody(browser, {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await ines.goto(address);
  await expect(ines.getByText(words).first()).toBeVisible();
  await expect(ines.getByRole("navigation")).toHaveCount(0);
  await shot(ines, "outside-phone");
  const wide = await ines.evaluate(() => document.documentElement.scrollWidth);
  expect(wide, "nothing is cut off at the side").toBeLessThanOrEqual(360);
  for (const button of await ines.getByRole("button").all()) {
    if (!(await button.isVisible())) continue;
    const box = await button.boundingBox();
    expect(box?.height ?? 0, (await button.textContent()) ?? "").toBeGreaterThanOrEqual(TARGET);
  }
  await ines.getByLabel("Comment as Ines of the client").fill("Good, thank you.");
  await ines.getByRole("button", { name: "Send comment" }).tap();
  await expect(ines.getByText("Good, thank you.")).toBeVisible();
  await ines.getByRole("button", { name: "Approve", exact: true }).tap();
  await shot(ines, "outside-sure");
  await ines.getByRole("button", { name: "Yes, approve" }).tap();
  await expect(ines.getByText("You approved it.")).toBeVisible();
  await shot(ines, "outside-done");
  const detail = await rpc<RequestDetail>(owner, "query", { type: "request", id: request });
  expect(detail.status).toBe("approved");
  expect(detail.stages[0]?.decisions[0]?.outside).toBe("Ines of the client");
});
