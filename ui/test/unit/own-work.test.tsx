import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { RequestDetail } from "../../src/bindings";
import { CoreProvider, makeCache } from "../../src/data";
import { DecideFoot } from "../../src/features/approvals/foot";
import { startWords } from "../../src/i18n";
import { request } from "../fixtures/review-requests";
import { FixtureTransport } from "../fixtures/transport";

startWords("en");

function foot(seen: RequestDetail) {
  const core = new FixtureTransport();
  render(
    <CoreProvider transport={core} cache={makeCache()}>
      <DecideFoot
        request={seen}
        me={{ id: "lene", name: "Lene" }}
        onDecide={async () => true}
        onTakeBack={() => {}}
        busy={false}
      />
    </CoreProvider>,
  );
  return core;
}

test("own work is handed to somebody who may decide, not decided in their name", async () => {
  foot({ ...request("r-schalen"), own: true });
  expect(screen.queryByText("Decide as")).toBeNull();
  expect(await screen.findByText("Hand over to")).toBeTruthy();
});

test("the work of others may be decided in the name of who has a seat", () => {
  foot({ ...request("r-schalen"), own: false, why_not: "no_seat" });
  expect(screen.getByText("Decide as")).toBeTruthy();
  expect(screen.queryByText("Hand over to")).toBeNull();
});
