import { describe, expect, it } from "vitest";
import type {
  ContentDetail,
  ContentRow,
  DeliveryStatus,
  Mutation,
  Notice,
  Query,
} from "@/bindings";
import { ProblemError } from "@/platform";
import { type BulkAct, type Skipped, withEach } from "./bulk-acts";

const FUTURE = "2036-11-25T10:30:00.000Z";
const planned = (at: string, wall = at.slice(0, 16)) => ({
  at,
  zone: "UTC",
  wall,
  shift: "none" as const,
});

function row(id: string, status: ContentRow["status"], delivery?: DeliveryStatus): ContentRow {
  return {
    id,
    persona: { id: "p", name: "Firn", hue: "glacier" },
    headline: id,
    excerpt: "",
    status,
    n: 1,
    unsaved: false,
    changed_at: FUTURE,
    targets: delivery
      ? [
          {
            delivery: `d-${id}`,
            identity: "a",
            network: "site",
            handle: "a",
            status: delivery,
            planned: planned(FUTURE),
          },
        ]
      : [],
    pictures: 0,
    parts: 1,
    labels: ["snow"],
    campaign: "c",
  };
}

/** A core that remembers what was asked of it. */
class Core {
  readonly done: Mutation[] = [];
  readonly asked: unknown[] = [];
  slots = [planned("2036-12-01T09:00:00.000Z"), planned("2036-12-02T09:00:00.000Z")];
  rows: ContentRow[];
  fails = new Set<string>();

  /** The network keeps what is cancelled. */
  keeps = false;

  constructor(...rows: ContentRow[]) {
    this.rows = rows;
  }

  async query(query: Query): Promise<unknown> {
    if (query.type === "free_slots") {
      const next = this.slots.shift();
      return next ? [{ persona: query.persona, planned: next }] : [];
    }
    if (query.type === "resolve_time") {
      return planned(`${query.wall}:00.000Z`, query.wall);
    }
    if (query.type !== "content") throw new Error(query.type);
    const found = this.rows.find((one) => one.id === query.id) as ContentRow;
    return {
      row: found,
      version: {
        doc: {
          body: {
            languages: [],
            shared: { segments: [{ text: "x", media: [] }], options: {} },
            variants: {},
            targets: ["a", "b"],
          },
        },
      },
      deliveries: found.targets.map((target) => ({ target, n: 1, grace: 120 })),
    } as unknown as ContentDetail;
  }

  private notices(content: string): Notice[] {
    if (this.keeps) return ["asked_back"];
    return content === "voids" ? ["approval_voided"] : [];
  }

  async mutate({ mutation }: { mutation: Mutation }) {
    const content = ("content" in mutation && mutation.content) || "";
    if (this.fails.has(content)) {
      throw new ProblemError({ code: "wrong_state", message: "It is out.", retryable: false });
    }
    this.done.push(mutation);
    return {
      seq: this.done.length,
      notices: this.notices(content),
    };
  }

  async act(act: unknown) {
    this.asked.push(act);
    return { content: "", n: 1, status: "in_review", notices: [], request: "r" };
  }
}

const run = (core: Core, act: BulkAct) => withEach(core, act, core.rows);
const skip = (outcome: unknown) =>
  ((outcome as { error?: unknown }).error as Skipped | undefined)?.why;

describe("many contents at once", () => {
  it("go into free slots one after the other, with their lateness kept, and back", async () => {
    const core = new Core(row("one", "scheduled", "planned"), row("two", "draft"));
    const outcomes = await run(core, { type: "slots" });
    expect(outcomes.every((one) => one.done)).toBe(true);
    const [first, second] = core.done as Extract<Mutation, { type: "plan" }>[];
    expect(first?.deliveries).toEqual([
      { id: "d-one", identity: "a", grace: 120, planned: planned("2036-12-01T09:00:00.000Z") },
    ]);
    expect(second?.deliveries.map((one) => one.identity)).toEqual(["a", "b"]);
    expect(second?.deliveries[0]?.planned?.at).toBe("2036-12-02T09:00:00.000Z");
    for (const one of outcomes) if (one.done) await one.undo?.();
    expect(core.done[2]).toMatchObject({
      type: "plan",
      deliveries: [{ id: "d-one", planned: { at: FUTURE } }],
    });
    expect(core.done[3]).toEqual({
      type: "cancel_deliveries",
      deliveries: second?.deliveries.map((one) => one.id),
    });
  });

  it("say which had no slot left, and leave what is out alone", async () => {
    const core = new Core(
      row("one", "scheduled", "missed"),
      row("two", "scheduled", "held"),
      row("three", "scheduled", "planned"),
      row("four", "published", "published"),
    );
    const outcomes = await run(core, { type: "slots" });
    expect(outcomes.map((one) => one.done)).toEqual([true, true, false, false]);
    expect(outcomes.map(skip)).toEqual([undefined, undefined, "no_slot", "nothing_to_move"]);
  });

  it("are planned again at their time where it is to come, else in a slot, with no way back", async () => {
    const late = row("late", "scheduled", "missed");
    const [target] = late.targets;
    if (target) target.planned = planned("2026-11-20T10:30:00.000Z");
    const core = new Core(
      row("ahead", "scheduled", "missed"),
      late,
      row("held", "scheduled", "held"),
      row("fine", "scheduled", "planned"),
    );
    const outcomes = await run(core, { type: "again" });
    const times = (core.done as Extract<Mutation, { type: "plan" }>[]).map(
      (one) => one.deliveries[0]?.planned?.at,
    );
    expect(times).toEqual([FUTURE, "2036-12-01T09:00:00.000Z", FUTURE]);
    expect(outcomes.map(skip)).toEqual([undefined, undefined, undefined, "nothing_stuck"]);
    expect(outcomes.some((one) => one.done && one.undo)).toBe(false);
  });

  it("move by days at the same time of day, and say whose approval is gone", async () => {
    const core = new Core(row("voids", "scheduled", "planned"));
    const [outcome] = await run(core, { type: "move", days: 7 });
    expect(outcome).toMatchObject({ done: true, voided: true });
    expect(core.done[0]).toMatchObject({
      deliveries: [{ planned: { wall: "2036-12-02T10:30" } }],
    });
  });

  it("are not called cancelled before the network has given them back", async () => {
    const core = new Core(row("kept", "scheduled", "planned"));
    core.keeps = true;
    const [outcome] = await run(core, { type: "cancel" });
    expect(outcome).toMatchObject({ done: true, askedBack: true });
  });

  it("cannot go back to a time that has passed", async () => {
    const late = row("late", "scheduled", "missed");
    const [target] = late.targets;
    if (target) target.planned = planned("2026-11-20T10:30:00.000Z");
    const [outcome] = await run(new Core(late), { type: "slots" });
    expect(outcome?.done && outcome.undo).toBeUndefined();
  });

  it("are submitted as they are typed, and the question can be taken back", async () => {
    const core = new Core(row("one", "draft", "planned"), row("two", "published", "published"));
    const outcomes = await run(core, { type: "submit" });
    expect(core.asked).toHaveLength(1);
    expect(core.asked[0]).toMatchObject({ type: "submit", content: "one", base: 1 });
    expect(skip(outcomes[1])).toBe("not_to_submit");
    if (outcomes[0]?.done) await outcomes[0].undo?.();
    expect(core.done).toEqual([{ type: "withdraw_request", request: "r" }]);
  });

  it("keep their labels beside new ones", async () => {
    const core = new Core(row("one", "draft"));
    await run(core, { type: "label", labels: ["ice", "snow"] });
    expect(core.done[0]).toMatchObject({ labels: ["ice", "snow"], campaign: "c" });
    const again = await run(core, { type: "label", labels: ["snow"] });
    expect(again.map(skip)).toEqual(["labelled"]);
  });

  it("are each tried, whatever becomes of the others", async () => {
    const core = new Core(row("one", "draft"), row("two", "draft"), row("three", "approved"));
    core.fails.add("one");
    const outcomes = await run(core, { type: "delete" });
    expect(outcomes.map((one) => one.done)).toEqual([false, true, false]);
    expect(skip(outcomes[2])).toBe("not_a_draft");
    expect(core.done).toEqual([{ type: "delete_draft", content: "two" }]);
  });

  it("stop where somebody says so", async () => {
    const core = new Core(row("one", "draft"), row("two", "draft"));
    let steps = 0;
    const outcomes = await withEach(
      core,
      { type: "archive" },
      core.rows,
      () => {
        steps += 1;
      },
      () => steps === 1,
    );
    expect(outcomes.map((one) => one.row.id)).toEqual(["one"]);
  });
});
