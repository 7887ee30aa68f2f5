import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keeper, type Kept } from "./keeper";
import { Latest } from "./latest";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Promises that are settled by hand. */
function byHand<T>() {
  const open: { resolve: (value: T) => void; reject: (error: unknown) => void }[] = [];
  const ask = () => new Promise<T>((resolve, reject) => open.push({ resolve, reject }));
  return { open, ask };
}

test("only what was typed last before a pause is asked", async () => {
  const asked: string[] = [];
  const latest = new Latest<string, string>(
    async (question) => {
      asked.push(question);
      return question;
    },
    () => {},
    () => {},
  );
  latest.want("S");
  await vi.advanceTimersByTimeAsync(40);
  latest.want("Sn");
  await vi.advanceTimersByTimeAsync(59);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual(["Sn"]);
});

test("an answer to an old question is dropped once a newer one was answered", async () => {
  const { open, ask } = byHand<string>();
  const heard: string[] = [];
  const failed: unknown[] = [];
  const latest = new Latest<string, string>(
    ask,
    (answer) => heard.push(answer),
    (error) => failed.push(error),
  );
  for (const question of ["a", "b", "c"]) {
    latest.want(question);
    await vi.advanceTimersByTimeAsync(60);
  }
  open[1]?.resolve("b");
  await vi.advanceTimersByTimeAsync(0);
  open[0]?.reject(new Error("late"));
  await vi.advanceTimersByTimeAsync(0);
  open[2]?.resolve("c");
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toEqual(["b", "c"]);
  expect(failed).toEqual([]);
});

test("nothing is heard after the end", async () => {
  const { open, ask } = byHand<string>();
  const heard: string[] = [];
  const latest = new Latest<string, string>(
    ask,
    (answer) => heard.push(answer),
    () => heard.push("failed"),
  );
  latest.want("a");
  await vi.advanceTimersByTimeAsync(60);
  latest.stop();
  open[0]?.resolve("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toEqual([]);
});

test("what is typed is kept within a second although the typing never pauses", async () => {
  const written: string[] = [];
  const keeper = new Keeper<string>(
    async (value) => {
      written.push(value);
    },
    () => {},
  );
  let text = "";
  for (let at = 0; at < 20; at += 1) {
    text += "x";
    keeper.touch(text);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(written[0]).toHaveLength(6);
  expect(written.length).toBeGreaterThanOrEqual(3);
  await keeper.flush();
  expect(written.at(-1)).toBe(text);
});

test("one write at a time, and the newest words are the last ones written", async () => {
  const { open, ask } = byHand<void>();
  const written: string[] = [];
  const states: Kept["state"][] = [];
  const keeper = new Keeper<string>(
    (value) => {
      written.push(value);
      return ask();
    },
    (state) => states.push(state.state),
  );
  keeper.touch("a");
  await vi.advanceTimersByTimeAsync(600);
  keeper.touch("b");
  await vi.advanceTimersByTimeAsync(600);
  keeper.touch("c");
  expect(written).toEqual(["a"]);
  open[0]?.resolve();
  await vi.advanceTimersByTimeAsync(600);
  expect(written).toEqual(["a", "c"]);
  expect(states.at(-1)).toBe("pending");
  open[1]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(states.at(-1)).toBe("kept");
});

test("what could not be kept is tried again until it is", async () => {
  let full = true;
  const written: string[] = [];
  const states: Kept["state"][] = [];
  const keeper = new Keeper<string>(
    async (value) => {
      if (full) throw new Error("disk full");
      written.push(value);
    },
    (state) => states.push(state.state),
  );
  keeper.touch("a");
  await vi.advanceTimersByTimeAsync(600);
  expect(states.at(-1)).toBe("failed");
  full = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(written).toEqual(["a"]);
  expect(states.at(-1)).toBe("kept");
});

test("leaving writes what is left; what was saved otherwise is not written again", async () => {
  const written: string[] = [];
  const keeper = new Keeper<string>(
    async (value) => {
      written.push(value);
    },
    () => {},
  );
  keeper.touch("a");
  await keeper.drop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written).toEqual([]);
  keeper.touch("b");
  await keeper.close();
  expect(written).toEqual(["b"]);
});

test("what was refused is not written again until other words are typed", async () => {
  let tries = 0;
  const keeper = new Keeper<string>(
    async () => {
      tries += 1;
      throw Object.assign(new Error("too long"), { problem: { retryable: false } });
    },
    () => {},
  );
  keeper.touch("a");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(tries).toBe(1);
  keeper.touch("b");
  await vi.advanceTimersByTimeAsync(600);
  expect(tries).toBe(2);
});
