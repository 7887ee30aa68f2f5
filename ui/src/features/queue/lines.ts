import type { ContentRow } from "@/bindings";

export const ROW_HEIGHT = 34;
export const GROUP_HEIGHT = 28;

export type GroupName = "needs" | "today" | "week" | "earlier";
export type Line =
  | {
      kind: "group";
      key: string;
      group: GroupName;
      count: number | undefined;
      shut: boolean;
      rows: readonly ContentRow[];
    }
  | { kind: "row"; key: string; row: ContentRow };

const DAY_MS = 86_400_000;

/**
 * The lines of the queue: what needs a person first, then by when it was last changed, which is the
 * order in which the core pages. A row stands in one group only; counts are shown where all rows
 * of the group are known.
 */
export function arrange(
  rows: readonly ContentRow[],
  needing: readonly ContentRow[],
  shut: ReadonlySet<string>,
  now: number,
): Line[] {
  const first = new Set(needing.map((row) => row.id));
  const groups = new Map<GroupName, ContentRow[]>();
  if (needing.length > 0) groups.set("needs", [...needing]);
  for (const row of rows) {
    if (first.has(row.id)) continue;
    const group = groupOf(row, now);
    const list = groups.get(group);
    if (list) list.push(row);
    else groups.set(group, [row]);
  }
  const last = [...groups.keys()].pop();
  const alone = groups.size === 1 && needing.length === 0;
  return [...groups].flatMap(([group, list]): Line[] => {
    const closed = shut.has(group);
    const head: Line = {
      kind: "group",
      key: `group ${group}`,
      group,
      count: group === last && group !== "needs" ? undefined : list.length,
      shut: closed,
      rows: list,
    };
    const body = closed
      ? []
      : list.map((row): Line => ({ kind: "row", key: `${group} ${row.id}`, row }));
    return alone ? body : [head, ...body];
  });
}

function groupOf(row: ContentRow, now: number): GroupName {
  const age = now - new Date(row.changed_at).getTime();
  if (age < DAY_MS) return "today";
  return age < 7 * DAY_MS ? "week" : "earlier";
}
