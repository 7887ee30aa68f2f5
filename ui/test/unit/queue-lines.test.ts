import { expect, test } from "vitest";
import { arrange } from "../../src/features/queue/lines";
import { NOW, rows } from "../fixtures/sample";

const now = new Date(NOW).getTime();

test("what needs a person stands first and only once", () => {
  const needing = rows.slice(0, 3);
  const lines = arrange(rows, needing, new Set(), now);
  expect(lines[0]).toMatchObject({ kind: "group", group: "needs", count: 3 });
  const ids = lines.flatMap((line) => (line.kind === "row" ? [line.row.id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(rows.length);
});

test("a shut group keeps its heading", () => {
  const lines = arrange(rows, rows.slice(0, 3), new Set(["needs"]), now);
  expect(lines[0]).toMatchObject({ group: "needs", shut: true });
  expect(lines[1]).toMatchObject({ kind: "group" });
});

test("a single group needs no heading", () => {
  const lines = arrange(rows, [], new Set(), now);
  expect(lines.every((line) => line.kind === "row")).toBe(true);
});
