import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { CoreProvider, makeCache } from "../../src/data";
import {
  bodyOf,
  folderName,
  newDraft,
  siteFields,
  siteFolder,
  words,
} from "../../src/features/first-run/model";
import { useBegin } from "../../src/features/first-run/use-begin";
import { startWords } from "../../src/i18n";
import { networks } from "../fixtures/sample";
import { FixtureTransport } from "../fixtures/transport";

startWords("en");
const site = networks.find((network) => network.id === "site");
const draft = { ...newDraft(), person: "Lene", name: "Ofen Sieben", text: "Ofen auf.\r\n" };

function begin(core: FixtureTransport) {
  const cache = makeCache();
  return renderHook(() => useBegin(site), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <CoreProvider transport={core} cache={cache}>
        {children}
      </CoreProvider>
    ),
  });
}

test("publishing sets up person, persona and site, then submits", async () => {
  const core = new FixtureTransport();
  const { result } = begin(core);
  await act(() => result.current.publish(draft));
  expect(core.acts.map((one) => one.type)).toEqual(["begin", "connect", "submit"]);
  expect(core.calls.map((call) => call.mutation.type)).toEqual(["save_persona"]);
});

test("after a failure the same press goes on where it stopped", async () => {
  let broken = true;
  const core = new FixtureTransport({
    "act:submit": () => {
      if (broken) throw { code: "disk_full", message: "full", retryable: true };
      return {};
    },
  });
  const { result } = begin(core);
  let done = true;
  await act(async () => {
    done = await result.current.publish(draft);
  });
  expect(done).toBe(false);
  expect(result.current.problem?.code).toBe("disk_full");
  broken = false;
  await act(async () => {
    done = await result.current.publish(draft);
  });
  expect(done).toBe(true);
  const submits = core.acts.filter((one) => one.type === "submit");
  expect(core.acts.filter((one) => one.type === "begin")).toHaveLength(1);
  expect(submits).toHaveLength(2);
  expect(submits[0]).toEqual(submits[1]);
});

test("looking around needs no persona", async () => {
  const core = new FixtureTransport();
  const { result } = begin(core);
  await act(() => result.current.skip(newDraft()));
  expect(core.acts.map((one) => one.type)).toEqual(["begin"]);
  expect(core.calls).toEqual([]);
});

test("each persona has a folder of its own beside the default one", () => {
  expect(folderName("Öfen & Töpfe 7")).toBe("ofen-topfe-7");
  expect(siteFields(site, draft)).toEqual({
    folder: "/home/edda/Rostrum/ofen-sieben",
    title: "Ofen Sieben",
    author: "Lene",
  });
  expect(siteFolder(site, { name: "", folder: "" })).toBe("/home/edda/Rostrum/site");
  expect(siteFolder(site, { name: "Ofen", folder: " /srv/www " })).toBe("/srv/www");
});

test("a text goes out with LF line ends and without what stands around it", () => {
  expect(bodyOf(draft, "i", undefined).shared.segments).toEqual([{ text: "Ofen auf.", media: [] }]);
  expect(words("mega, Schnäppchen ;  ")).toEqual(["mega", "Schnäppchen"]);
});
