import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type Browser,
  type BrowserContextOptions,
  test as base,
  type Page,
} from "@playwright/test";

const target = process.env.CARGO_TARGET_DIR ?? resolve("../target");
const program = process.env.ROSTRUM_SERVER ?? join(target, "debug/rostrum-server");

/** A server of its own, with nothing in it. */
export interface Served {
  address: string;
  data: string;
  /** The link that lets the first owner in. */
  first: string;
  /** Runs an `admin` command after the server has stopped; answers what it says. */
  admin: (...words: string[]) => string;
  /** Lets the server end; its data stays. */
  halt: () => Promise<void>;
  stop: () => Promise<void>;
}

async function serve(): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), "rostrum-served-"));
  const data = join(home, "data");
  const env = { ...process.env, ROSTRUM_CONFIG_DIR: join(home, "config"), ROSTRUM_LOG: "warn" };
  const child: ChildProcess = spawn(
    program,
    ["--data", data, "serve", "--listen", "127.0.0.1:0", "--ui", resolve("dist")],
    { env, stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const first = await new Promise<string>((done, fail) => {
    let said = "";
    child.stdout?.on("data", (bytes) => {
      said += String(bytes);
      const link = /^http:\S+#\/join\/\S+$/m.exec(said);
      if (link) done(link[0]);
    });
    child.once("error", fail);
    void ended.then(() => fail(new Error(`the server ended: ${said}`)));
  });
  const halt = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return {
    address: new URL(first).origin,
    data,
    first,
    admin: (...words) =>
      execFileSync(program, ["--data", data, "admin", ...words], { env, encoding: "utf8" }),
    halt,
    stop: async () => {
      await halt();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const test = base.extend<{ served: Served }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what is asked for from the pattern
  served: async ({}, use) => {
    const served = await serve();
    await use(served);
    await served.stop();
  },
});

/** A page of somebody who shares nothing with the others; it fails on what it reports. */
export async function somebody(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  return page;
}

/** A picture for people to look at, when they ask for them. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.ROSTRUM_SHOTS;
  if (folder) await page.screenshot({ path: join(folder, `server-${name}.png`) });
}

/** Comes in by a link with a new login. */
export async function comeIn(
  page: Page,
  link: string,
  name: string,
  email?: string,
): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  // Who was invited by name has it filled in.
  if (email) await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("New password").fill(`${name} keeps two warm stoves`);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByRole("navigation", { name: "Places" }).waitFor();
}

/** Asks the core as the person of a page. */
export async function rpc<T>(
  page: Page,
  way: "query" | "mutate" | "act",
  body: unknown,
): Promise<T> {
  const answer = await page.evaluate(
    async ([way, body]) => {
      const response = await fetch(`/rpc/${way}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return { ok: response.ok, value: await response.json() };
    },
    [way, body] as const,
  );
  if (!answer.ok) throw new Error(`${way}: ${JSON.stringify(answer.value)}`);
  return answer.value as T;
}

/** Changes something as the person of a page. */
export function change(page: Page, mutation: object): Promise<unknown> {
  return rpc(page, "mutate", { id: crypto.randomUUID(), mutation });
}

/** A persona with a site on the server, and a chain that its posts go through. */
export async function voice(
  owner: Page,
  ids: { chain: string; persona: string },
  chain: object,
): Promise<void> {
  await change(owner, {
    type: "save_chain",
    policy: { id: ids.chain, revision: 1, tolerance: 2880, ...chain },
  });
  await change(owner, {
    type: "save_persona",
    id: ids.persona,
    chain: ids.chain,
    profile: {
      name: "Ridge Report",
      hue: "glacier",
      language: "en",
      zone: "Europe/Berlin",
      voice: {},
      audiences: [],
      slots: [],
      automation: {},
    },
  });
  await rpc(owner, "act", {
    id: crypto.randomUUID(),
    act: {
      type: "connect",
      id: crypto.randomUUID(),
      persona: ids.persona,
      network: "site",
      fields: { folder: "notes", title: "Ridge notes" },
    },
  });
}
