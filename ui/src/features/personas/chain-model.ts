import type { Approver, ChainPolicy, Person, Role, Stage } from "@/bindings";

/** The default tolerance: 48 h later, none earlier. */
export const TOLERANCE = 48 * 60;

export function emptyChain(id: string, name: string): ChainPolicy {
  return {
    id,
    revision: 1,
    name,
    stages: [emptyStage()],
    authors_may_approve: false,
    tolerance: TOLERANCE,
  };
}

export function emptyStage(): Stage {
  return {
    name: "",
    approvers: [{ type: "role", role: "approver" }],
    quorum: { type: "any" },
    conditions: [],
    remind_after: [],
    escalate_to: [],
  };
}

/** Least first: a role means everybody with at least it. */
export const RANK: readonly Role[] = ["viewer", "creator", "approver", "admin", "owner"];

/** How many active people could sit in a stage. */
export function seatsOf(approvers: readonly Approver[], people: readonly Person[]): Person[] {
  return people.filter(
    (person) =>
      person.active &&
      approvers.some((one) =>
        one.type === "person"
          ? one.id === person.id
          : RANK.indexOf(person.role) >= RANK.indexOf(one.role),
      ),
  );
}

export type ChainFault =
  | { at: "name" }
  | { at: "stage"; stage: number; what: "name" | "approvers" | "quorum" };

/** What to mend before a chain can be kept; the core checks the same again. */
export function faultsOf(policy: ChainPolicy, people: readonly Person[]): ChainFault[] {
  const faults: ChainFault[] = [];
  if (policy.name.trim() === "") faults.push({ at: "name" });
  policy.stages.forEach((stage, index) => {
    const seats = seatsOf(stage.approvers, people).length;
    if (stage.name.trim() === "") faults.push({ at: "stage", stage: index, what: "name" });
    if (stage.approvers.length === 0 || seats === 0) {
      faults.push({ at: "stage", stage: index, what: "approvers" });
    } else if (stage.quorum.type === "count" && (stage.quorum.n < 1 || stage.quorum.n > seats)) {
      faults.push({ at: "stage", stage: index, what: "quorum" });
    }
  });
  return faults;
}

/** One up or down; at the ends nothing moves. */
export function moved<T>(items: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...items];
  const [item] = next.splice(at, 1);
  const to = at + by;
  if (item === undefined || to < 0 || to > next.length) return [...items];
  next.splice(to, 0, item);
  return next;
}
