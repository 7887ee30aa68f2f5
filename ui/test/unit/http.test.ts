import { afterEach, expect, test, vi } from "vitest";
import { HttpTransport } from "../../src/platform/http";

afterEach(() => vi.unstubAllGlobals());

function answering(status: number, body: unknown) {
  const asked: { url: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    asked.push({ url, body: JSON.parse(String(init.body)) });
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  });
  return asked;
}

test("a query is posted as it is, and its answer comes back", async () => {
  const asked = answering(200, { entries: 3 });
  const core = new HttpTransport("http://127.0.0.1:1/");
  expect(await core.query({ type: "verify_audit" })).toEqual({ entries: 3 });
  expect(asked).toEqual([{ url: "http://127.0.0.1:1/rpc/query", body: { type: "verify_audit" } }]);
});

test("a refusal is thrown as the problem that it is", async () => {
  answering(409, { code: "conflict", message: "changed", retryable: false });
  const core = new HttpTransport("");
  await expect(core.query({ type: "people" })).rejects.toMatchObject({
    problem: { code: "conflict" },
  });
});

test("an answer that is none of the core's is unreachable", async () => {
  answering(502, "<html>bad gateway</html>");
  const core = new HttpTransport("");
  await expect(core.query({ type: "people" })).rejects.toMatchObject({
    problem: { code: "unreachable", retryable: true },
  });
});

test("an act has an id, by which it is cancelled", async () => {
  const asked = answering(200, {});
  const stop = new AbortController();
  const core = new HttpTransport("");
  const done = core.act({ type: "test_notification" }, { signal: stop.signal });
  stop.abort();
  await done;
  const [act, cancel] = asked;
  expect(act?.url).toBe("/rpc/act");
  expect(cancel?.url).toBe("/rpc/cancel_act");
  const idOf = (one: typeof act) => (one?.body as { id: string } | undefined)?.id;
  expect(idOf(cancel)).toBe(idOf(act));
});
