import type {
  Applied,
  Body,
  ContentDetail,
  ContentRow,
  ContentStatus,
  DeliveryDetail,
  DeliveryPlan,
  FreeSlot,
  Mutation,
  Planned,
  Saved,
} from "@/bindings";
import { newId } from "@/data";
import type { Transport } from "@/platform";
import { canMove, DEFAULT_GRACE, plansOf, plusDays, whenOf } from "../compose/when";

/** What can be done with many contents at once. */
export type BulkAct =
  | { type: "submit" }
  /** Into the next free slots of each one's persona, in the order of the list. */
  | { type: "slots" }
  /** What was missed or held: at its time where that is still to come, else in a free slot. */
  | { type: "again" }
  | { type: "move"; days: number }
  | { type: "label"; labels: readonly string[] }
  | { type: "archive" }
  | { type: "delete" }
  | { type: "cancel" };

/** Why nothing was tried with one of them; words under `queue.skip.<why>`. */
export type Skip =
  | "nothing_to_move"
  | "nothing_stuck"
  | "nothing_to_cancel"
  | "not_to_submit"
  | "not_a_draft"
  | "no_slot"
  | "labelled";

export class Skipped extends Error {
  constructor(readonly why: Skip) {
    super(why);
  }
}

/** What was done with one. */
export interface Feat {
  /** Takes it back, where that can be done. */
  undo?: () => Promise<unknown>;
  /** Where it stands now. */
  planned?: Planned;
  /** It has to be approved again. */
  voided?: boolean;
  /** The network is asked to give it back; until it has, it may still go out. */
  askedBack?: boolean;
}

/** What became of one. */
export type Outcome =
  | ({ row: ContentRow; done: true } & Feat)
  | { row: ContentRow; done: false; error: unknown };

const SUBMITTABLE: readonly ContentStatus[] = ["draft", "changes_requested", "rejected"];
const STUCK: readonly string[] = ["missed", "held"];
const CANCELLABLE: readonly string[] = ["planned", "due", "handed_off", "held", "missed"];

export const isSubmittable = (row: ContentRow) => SUBMITTABLE.includes(row.status);
export const isMovable = (row: ContentRow) =>
  row.targets.length === 0
    ? row.status === "draft"
    : row.targets.some(({ status }) => canMove(status));
export const isStuck = (row: ContentRow) =>
  row.targets.some(({ status }) => STUCK.includes(status));
export const isDeletable = (row: ContentRow) => row.status === "draft";
export const cancellable = (row: ContentRow): string[] =>
  row.targets.filter(({ status }) => CANCELLABLE.includes(status)).map((one) => one.delivery);

/** Does one thing with each, one after the other; what fails keeps nothing else from being done. */
export async function withEach(
  core: Pick<Transport, "query" | "mutate" | "act">,
  act: BulkAct,
  rows: readonly ContentRow[],
  onStep: (done: number) => void = () => {},
  stopped: () => boolean = () => false,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    if (stopped()) break;
    onStep(outcomes.length);
    try {
      outcomes.push({ row, done: true, ...(await withOne(core, act, row)) });
    } catch (error) {
      outcomes.push({ row, done: false, error });
    }
  }
  return outcomes;
}

type Core = Pick<Transport, "query" | "mutate" | "act">;

function withOne(core: Core, act: BulkAct, row: ContentRow): Promise<Feat> {
  switch (act.type) {
    case "submit":
      return submit(core, row);
    case "slots":
      return intoSlot(core, row);
    case "again":
      return planAgain(core, row);
    case "move":
      return moveBy(core, row, act.days);
    case "label":
      return label(core, row, act.labels);
    case "archive":
      return archive(core, row);
    case "delete":
      return remove(core, row);
    case "cancel":
      return cancel(core, row);
  }
}

const change = (core: Core, mutation: Mutation): Promise<Applied> =>
  core.mutate({ id: newId(), mutation });
const detailOf = async (core: Core, row: ContentRow) =>
  (await core.query({ type: "content", id: row.id })) as ContentDetail;
const bodyOf = (detail: ContentDetail): Body | undefined =>
  detail.working?.body ?? detail.version?.doc.body;
const isVoided = (applied: Applied) => applied.notices.includes("approval_voided");

async function submit(core: Core, row: ContentRow): Promise<Feat> {
  if (!isSubmittable(row)) throw new Skipped("not_to_submit");
  const detail = await detailOf(core, row);
  const body = bodyOf(detail);
  if (!body) throw new Skipped("not_to_submit");
  const when = whenOf(detail.deliveries) ?? { mode: "approved" };
  const grace = detail.deliveries.find(({ target }) => canMove(target.status))?.grace;
  const saved = (await core.act({
    type: "submit",
    content: row.id,
    persona: row.persona.id,
    body,
    base: detail.row.n,
    deliveries: plansOf(when, grace ?? DEFAULT_GRACE, body.targets, detail.deliveries, newId),
    request: newId(),
  })) as Saved;
  const { request } = saved;
  // What was granted at once is on its way; only a question can be taken back.
  return request && saved.status === "in_review"
    ? { undo: () => change(core, { type: "withdraw_request", request }) }
    : {};
}

/** A plan as it stands. */
function planOf({ target, grace }: DeliveryDetail, planned = target.planned): DeliveryPlan {
  return {
    id: target.delivery,
    identity: target.identity,
    grace,
    ...(planned ? { planned } : {}),
  };
}

async function nextSlot(core: Core, row: ContentRow): Promise<Planned> {
  const query = { type: "free_slots", persona: row.persona.id, limit: 1 } as const;
  const [slot] = (await core.query(query)) as FreeSlot[];
  if (!slot) throw new Skipped("no_slot");
  return slot.planned;
}

async function planAgain(core: Core, row: ContentRow): Promise<Feat> {
  const detail = await detailOf(core, row);
  const open = detail.deliveries.filter(({ target }) => canMove(target.status));
  const stuck = open.filter(({ target }) => STUCK.includes(target.status));
  if (stuck.length === 0) throw new Skipped("nothing_stuck");
  const ahead = ({ target }: DeliveryDetail) =>
    target.planned !== undefined && Date.parse(target.planned.at) > Date.now();
  const slot = stuck.every(ahead) ? undefined : await nextSlot(core, row);
  const deliveries = open.map((one) =>
    stuck.includes(one) && !ahead(one) ? planOf(one, slot) : planOf(one),
  );
  // There is no way back to having been missed.
  const { undo: _, ...feat } = await replan(core, row, open, deliveries);
  return feat;
}

async function intoSlot(core: Core, row: ContentRow): Promise<Feat> {
  if (!isMovable(row)) throw new Skipped("nothing_to_move");
  const planned = await nextSlot(core, row);
  const detail = await detailOf(core, row);
  const open = detail.deliveries.filter(({ target }) => canMove(target.status));
  const targets = bodyOf(detail)?.targets ?? [];
  const deliveries =
    open.length > 0
      ? open.map((one) => planOf(one, planned))
      : plansOf({ mode: "at", planned }, DEFAULT_GRACE, targets, [], newId);
  if (deliveries.length === 0) throw new Skipped("nothing_to_move");
  return replan(core, row, open, deliveries);
}

async function moveBy(core: Core, row: ContentRow, days: number): Promise<Feat> {
  const detail = await detailOf(core, row);
  const open = detail.deliveries.filter(
    ({ target }) => canMove(target.status) && target.planned !== undefined,
  );
  const rest = detail.deliveries.filter(
    ({ target }) => canMove(target.status) && target.planned === undefined,
  );
  if (open.length === 0) throw new Skipped("nothing_to_move");
  const moved: DeliveryPlan[] = [];
  for (const one of open) {
    const { wall, zone } = one.target.planned as Planned;
    // The same time of day on another day, whatever the clocks do in between.
    const query = {
      type: "resolve_time",
      wall: `${plusDays(wall.slice(0, 10), days)}${wall.slice(10, 16)}`,
      zone,
    } as const;
    moved.push(planOf(one, (await core.query(query)) as Planned));
  }
  return replan(core, row, open, [...moved, ...rest.map((one) => planOf(one))]);
}

/** Plans all that can still move anew, and knows the way back where no time of it has passed. */
async function replan(
  core: Core,
  row: ContentRow,
  before: readonly DeliveryDetail[],
  deliveries: DeliveryPlan[],
): Promise<Feat> {
  const applied = await change(core, { type: "plan", content: row.id, deliveries });
  const planned = deliveries.find((one) => one.planned)?.planned;
  const passed = before.some(
    ({ target }) => target.planned && Date.parse(target.planned.at) < Date.now(),
  );
  const back: Mutation =
    before.length > 0
      ? {
          type: "plan",
          content: row.id,
          deliveries: deliveries.map((one) => {
            const was = before.find(({ target }) => target.delivery === one.id);
            return was ? planOf(was) : one;
          }),
        }
      : { type: "cancel_deliveries", deliveries: deliveries.map((one) => one.id) };
  return {
    ...(planned ? { planned } : {}),
    voided: isVoided(applied),
    ...(passed ? {} : { undo: () => change(core, back) }),
  };
}

async function label(core: Core, row: ContentRow, labels: readonly string[]): Promise<Feat> {
  const all = [...new Set([...row.labels, ...labels])].sort();
  if (all.length === row.labels.length) throw new Skipped("labelled");
  const set = (next: readonly string[]): Mutation => ({
    type: "set_details",
    content: row.id,
    campaign: row.campaign,
    labels: [...next],
  });
  await change(core, set(all));
  return { undo: () => change(core, set(row.labels)) };
}

async function archive(core: Core, row: ContentRow): Promise<Feat> {
  const put = (archived: boolean): Mutation => ({
    type: "archive_content",
    content: row.id,
    archived,
  });
  await change(core, put(true));
  return { undo: () => change(core, put(false)) };
}

async function remove(core: Core, row: ContentRow): Promise<Feat> {
  if (!isDeletable(row)) throw new Skipped("not_a_draft");
  await change(core, { type: "delete_draft", content: row.id });
  return {};
}

async function cancel(core: Core, row: ContentRow): Promise<Feat> {
  const deliveries = cancellable(row);
  if (deliveries.length === 0) throw new Skipped("nothing_to_cancel");
  const { notices } = await change(core, { type: "cancel_deliveries", deliveries });
  return notices.includes("asked_back") ? { askedBack: true } : {};
}
