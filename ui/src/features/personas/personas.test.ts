import { describe, expect, it } from "vitest";
import type { Person, PersonaProfile } from "@/bindings";
import { listed } from "./audience";
import { emptyChain, emptyStage, faultsOf, moved, seatsOf } from "./chain-model";
import { sortedSlots, tidied } from "./draft";
import { minuteOf, wallOf, weekdayName } from "./weekday";

const person = (id: string, role: Person["role"], active = true): Person => ({
  id,
  name: id,
  role,
  active,
  me: false,
});
const people = [
  person("o", "owner"),
  person("a", "approver"),
  person("c", "creator"),
  person("x", "approver", false),
];

describe("chains", () => {
  it("seats everybody with at least the role who is still here, and named people", () => {
    expect(seatsOf([{ type: "role", role: "approver" }], people).map((one) => one.id)).toEqual([
      "o",
      "a",
    ]);
    expect(seatsOf([{ type: "person", id: "c" }], people).map((one) => one.id)).toEqual(["c"]);
    expect(seatsOf([{ type: "person", id: "x" }], people)).toEqual([]);
  });

  it("says what to mend before it can be saved", () => {
    const chain = emptyChain("id", "");
    expect(faultsOf(chain, people)).toEqual([
      { at: "name" },
      { at: "stage", stage: 0, what: "name" },
    ]);
    const stage = { ...emptyStage(), name: "Press", quorum: { type: "count" as const, n: 3 } };
    expect(faultsOf({ ...chain, name: "N", stages: [stage] }, people)).toEqual([
      { at: "stage", stage: 0, what: "quorum" },
    ]);
    expect(
      faultsOf({ ...chain, name: "N", stages: [{ ...stage, approvers: [] }] }, people),
    ).toEqual([{ at: "stage", stage: 0, what: "approvers" }]);
    expect(faultsOf({ ...chain, name: "N", stages: [] }, people)).toEqual([]);
  });

  it("moves a stage by one and stops at the ends", () => {
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });
});

describe("a persona's draft", () => {
  const profile: PersonaProfile = {
    name: " Ofen ",
    hue: "clay",
    language: "de",
    zone: "Europe/Berlin",
    voice: { tone: " warm ", dos: ["", " Zahlen "], donts: [], samples: [" "] },
    audiences: [{ name: "", interests: [], languages: [], zones: [], notes: "" }],
    slots: [
      { weekday: 2, minute: 60 },
      { weekday: 1, minute: 700 },
      { weekday: 1, minute: 700 },
    ],
    automation: { level: "by_hand", remind_before: 0 },
  };

  it("leaves out empty lines and audiences, and sorts the slots", () => {
    const kept = tidied(profile);
    expect(kept.voice).toEqual({ tone: "warm", dos: ["Zahlen"], donts: [], samples: [] });
    expect(kept.audiences).toEqual([]);
    expect(kept.slots).toEqual([
      { weekday: 1, minute: 700 },
      { weekday: 2, minute: 60 },
    ]);
    expect(sortedSlots(kept.slots)).toEqual(kept.slots);
  });

  it("reads lists typed with commas", () => {
    expect(listed("en, de;fr\n , ")).toEqual(["en", "de", "fr"]);
  });
});

describe("times of day", () => {
  it("reads what is a time and nothing else", () => {
    expect(minuteOf("18:30")).toBe(1110);
    expect(minuteOf(" 9:05 ")).toBe(545);
    expect(minuteOf("24:00")).toBeUndefined();
    expect(minuteOf("18:60")).toBeUndefined();
    expect(minuteOf("noon")).toBeUndefined();
    expect(wallOf(545)).toBe("09:05");
    expect(weekdayName(1)).toBe("Mon");
  });
});
