import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { CoreProvider, makeCache } from "../../src/data";
import { EraseDialog, Privacy } from "../../src/features/privacy";
import { startWords } from "../../src/i18n";
import { FixtureTransport } from "../fixtures/transport";

startWords("en");

function shown(what: React.ReactNode) {
  const core = new FixtureTransport();
  render(
    <CoreProvider transport={core} cache={makeCache()}>
      {what}
    </CoreProvider>,
  );
  return core;
}

async function choose(what: string, days: string) {
  fireEvent.click(await screen.findByRole("button", { name: new RegExp(`How long: ${what}`) }));
  fireEvent.click(await screen.findByRole("option", { name: new RegExp(`^${days}`) }));
}

test("a shorter time is chosen only after what would go was seen", async () => {
  const core = shown(<Privacy />);
  await choose("Drafts that nobody touched", "90 days");
  expect(await screen.findByText(/^3 go within the hour/)).toBeTruthy();
  expect(core.calls).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Keep so long" }));
  await waitFor(() =>
    expect(core.calls.map((call) => call.mutation)).toEqual([
      { type: "set_retention", kind: "drafts", days: 90 },
    ]),
  );
});

test("a longer time takes effect at once", async () => {
  const core = shown(<Privacy />);
  await choose("Runs", "For ever");
  await waitFor(() =>
    expect(core.calls.map((call) => call.mutation)).toEqual([
      { type: "set_retention", kind: "runs", days: undefined },
    ]),
  );
});

test("it says that nothing is collected about people", async () => {
  shown(<Privacy />);
  expect(await screen.findByText(/^Nothing: no telemetry/)).toBeTruthy();
});

test("somebody is erased only by the button that says so", async () => {
  const mara = { id: "mara", name: "Mara", role: "creator", active: true, me: false } as const;
  const core = shown(<EraseDialog person={mara} onClose={() => {}} />);
  expect(core.calls).toEqual([]);
  fireEvent.click(await screen.findByRole("checkbox", { name: "Delete their drafts too" }));
  fireEvent.click(screen.getByRole("button", { name: "Erase" }));
  await waitFor(() =>
    expect(core.calls.map((call) => call.mutation)).toEqual([
      { type: "erase_person", id: "mara", drafts: true },
    ]),
  );
});
