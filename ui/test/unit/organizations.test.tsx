import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { Mutation, WaitingItem } from "../../src/bindings";
import { CoreProvider, makeCache } from "../../src/data";
import { JoinSheet } from "../../src/features/organizations";
import { contentOf, wordsOf } from "../../src/features/outbox/words";
import { startWords } from "../../src/i18n";
import { ProblemError } from "../../src/platform/problem";
import { TauriTransport } from "../../src/platform/tauri";
import { DeskMenu } from "../../src/shell/desk-menu";
import { standingOf } from "../../src/shell/sync";
import { FixtureDesk, hut, organizations } from "../fixtures/organizations";
import { FixtureTransport } from "../fixtures/transport";

const tauri = vi.hoisted(() => ({
  invoke: vi.fn(),
  listen: vi.fn(),
}));
vi.mock("@tauri-apps/api/core", () => ({
  invoke: tauri.invoke,
  convertFileSrc: (path: string, scheme: string) => `${scheme}://localhost/${path}`,
}));
vi.mock("@tauri-apps/api/event", () => ({ listen: tauri.listen }));

const words = startWords("en");
beforeEach(() => {
  vi.resetAllMocks();
  localStorage.clear();
  sessionStorage.clear();
});

test("everything that the window asks goes to the organization that it shows", async () => {
  tauri.invoke.mockResolvedValue({});
  const core = new TauriTransport();
  await core.query({ type: "overview" });
  expect(tauri.invoke).toHaveBeenLastCalledWith("query", {
    organization: null,
    query: { type: "overview" },
  });
  localStorage.setItem("rostrum.shown", "o-hut");
  await core.act({ type: "sync_now" });
  expect(tauri.invoke).toHaveBeenLastCalledWith(
    "act",
    expect.objectContaining({ organization: "o-hut", act: { type: "sync_now" } }),
  );
  expect(core.mediaUrl("ab")).toBe("media://localhost/o-hut.ab");
});

test("what changed in another organization is not read again, what is told of it is heard", async () => {
  localStorage.setItem("rostrum.shown", "o-hut");
  tauri.invoke.mockResolvedValue(null);
  let tell = (_: unknown) => {};
  tauri.listen.mockImplementation(async (_, hear) => {
    tell = (payload) => hear({ payload });
    return () => {};
  });
  const heard: unknown[] = [];
  new TauriTransport().subscribe(
    (event, elsewhere) => heard.push([event, elsewhere]),
    () => {},
  );
  const requests = { type: "changed", tags: ["requests"] };
  tell({ organization: "o-hut", event: requests });
  tell({ organization: "o-valley", event: requests });
  tell({ event: { type: "changed", tags: ["requests", "organizations"] } });
  const open = { type: "open", place: { type: "approvals" } };
  tell({ organization: "o-valley", event: open });
  expect(heard).toEqual([
    [requests, undefined],
    [{ type: "changed", tags: ["organizations"] }, { organization: undefined }],
    [open, { organization: "o-valley" }],
  ]);
});

test("an organization that is not on this computer any more is not asked again", async () => {
  localStorage.setItem("rostrum.shown", "o-gone");
  tauri.invoke.mockRejectedValue({ code: "not_joined", message: "gone", retryable: false });
  const core = new TauriTransport();
  const enter = vi.spyOn(core.desk, "enter").mockImplementation(() => {});
  await expect(core.query({ type: "overview" })).rejects.toBeInstanceOf(ProblemError);
  expect(enter).toHaveBeenCalledWith(undefined);
});

test("how an organization stands to its server is said in words", () => {
  const said = (more: Partial<typeof hut>) => standingOf({ ...hut, ...more }, words.t);
  expect(said({}).text).toMatch(/^Synced at /);
  expect(said({ status: { type: "syncing", waiting: 2 }, waiting: 2 }).text).toBe(
    "Syncing 2 changes",
  );
  expect(said({ status: { type: "offline", waiting: 1 }, waiting: 1 })).toMatchObject({
    text: "Offline, 1 change waits",
    attention: true,
  });
  const refused = { type: "needs_attention", rejected: 3 } as const;
  expect(said({ status: refused, waiting: 3 }).text).toBe("3 changes were refused");
  const problem = { code: "signed_out", message: "", retryable: false } as const;
  expect(said({ status: { ...refused, rejected: 0, problem } }).text).toBe("Sign in again");
});

test("what waits is called by what its last change leads to", () => {
  const item = (...mutations: Mutation[]): WaitingItem => ({
    id: "m",
    state: "waiting",
    mutations,
    at: "2026-11-23T08:41:00.000Z",
  });
  const submitted = item(
    { type: "cancel_deliveries", deliveries: ["d"] },
    { type: "request_approval", id: "r", content: "c", n: 1, hash: "h" },
  );
  expect(wordsOf(submitted)).toBe("outbox.what.submitted");
  expect(contentOf(submitted)).toBe("c");
  expect(wordsOf(item())).toBe("outbox.what.other");
  expect(contentOf(item({ type: "set_paused", paused: true }))).toBeUndefined();
});

function shown(core: FixtureTransport, node: React.ReactNode) {
  render(
    <CoreProvider transport={core} cache={makeCache()}>
      {node}
    </CoreProvider>,
  );
}

test("the menu names the organizations, what waits elsewhere, and switches", async () => {
  const desk = new FixtureDesk("o-hut");
  const valley = { ...hut, organization: "o-valley", name: "The valley", approvals: 2 };
  const core = new FixtureTransport({ organizations: () => organizations([hut, valley]) }, desk);
  shown(
    core,
    <DeskMenu desk={desk} shape="" face="Rostrum" name="The hut" people={[]} rail={false} />,
  );
  const button = await screen.findByRole("button", { name: /2 posts wait for your approval/ });
  fireEvent.click(button);
  fireEvent.click(await screen.findByRole("menuitem", { name: /The hut/ }));
  expect(desk.entered).toEqual([]);
  fireEvent.click(button);
  fireEvent.click(await screen.findByRole("menuitem", { name: /The valley.*2 to approve/ }));
  expect(desk.entered).toEqual([["o-valley", "/"]]);
});

test("a link is looked at before anybody signs in, and the code is asked for when it is needed", async () => {
  const desk = new FixtureDesk();
  let tries = 0;
  const core = new FixtureTransport(
    {
      "act:look_at_server": () => ({
        server: "https://rostrum.hut.example/",
        invitation: {
          organization: "The hut",
          role: "creator",
          invited_by: "Olga",
          ends_at: "2026-11-30T08:00:00.000Z",
        },
      }),
      "act:join_organization": () => {
        tries += 1;
        if (tries === 1) throw { code: "second_factor", message: "code", retryable: false };
        return { type: "joined", organization: "o-hut" };
      },
    },
    desk,
  );
  const link = "https://rostrum.hut.example/#/join/a.b.c";
  shown(core, <JoinSheet desk={desk} link={link} onClose={() => {}} />);
  expect(core.acts).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByText(/Olga invites you as Creator/);
  fireEvent.click(screen.getByRole("button", { name: "I have a login" }));
  const fill = (label: string, value: string) =>
    fireEvent.change(screen.getByLabelText(label), { target: { value } });
  fill("E-mail address", "edda@hut.example");
  fill("Password", "winter hut with two stoves");
  fireEvent.click(screen.getByRole("button", { name: "Join" }));
  await screen.findByLabelText("Code");
  fill("Code", "123456");
  fireEvent.click(screen.getByRole("button", { name: "Join" }));
  await waitFor(() => expect(desk.entered).toEqual([["o-hut", "/today"]]));
  expect(core.acts.at(-1)).toEqual({
    type: "join_organization",
    address: link,
    email: "edda@hut.example",
    password: "winter hut with two stoves",
    code: "123456",
  });
});

test("an address that is none says so at its field", async () => {
  const core = new FixtureTransport({
    "act:look_at_server": () => {
      throw {
        code: "invalid_input",
        message: "no",
        retryable: false,
        fields: { address: "not_https" },
      };
    },
  });
  shown(core, <JoinSheet desk={new FixtureDesk()} onClose={() => {}} />);
  fireEvent.change(screen.getByLabelText(/Invitation link/), { target: { value: "http://x" } });
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  expect(await screen.findByText(/Without https only on this computer/)).toBeTruthy();
});
