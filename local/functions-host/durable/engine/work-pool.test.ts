import { afterEach, describe, expect, it, vi } from "vitest";
import { WorkPool } from "./work-pool.ts";

const begun: string[] = [];
const finish = new Map<string, () => void>();
const lines: string[] = [];
const pool = (work = (item: string) => new Promise<void>((resolve) => finish.set(item, resolve))): WorkPool<string> =>
  new WorkPool<string>({
    ...{ concurrencyMax: 2, keyOf: (item) => item.charAt(0), log: (line) => lines.push(line) },
    work: (item) => {
      begun.push(item);
      return work(item);
    },
  });
const end = async (item: string): Promise<void> => {
  finish.get(item)?.();
  await new Promise(setImmediate);
};
afterEach(() => {
  begun.length = 0;
  lines.length = 0;
  finish.clear();
});

describe("a pool of work", () => {
  it("does no more at a time than it may, in order", async () => {
    const two = pool();
    for (const item of ["a", "b", "c"]) two.add(item);
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "c"]);
  });

  it("does work under one key one after the other, and only once for what came meanwhile", async () => {
    const one = pool();
    for (const item of ["a1", "a2", "a3"]) one.add(item);
    expect(begun).toEqual(["a1"]);
    await end("a1");
    expect(begun).toEqual(["a1", "a3"]);
    await end("a3");
    expect(begun).toEqual(["a1", "a3"]);
  });

  it("does not begin again what adds itself while it begins", () => {
    const self: WorkPool<string> = pool(() => {
      if (begun.length < 5) self.add("a");
      return new Promise(() => undefined);
    });
    self.add("a");
    expect(begun).toEqual(["a"]);
  });

  it("tries again what fails, and goes on", async () => {
    const failing = pool(() => (begun.length < 2 ? Promise.reject(new Error("disk full")) : Promise.resolve()));
    failing.add("a");
    await vi.waitFor(() => expect(begun).toEqual(["a", "a"]), 3000);
    expect(lines).toEqual(["durable: attempt 1 of 5 failed: disk full"]);
  });

  it("begins nothing after it was stopped, and waits for what runs", async () => {
    const stopped = pool();
    stopped.add("a");
    let isStopped = false;
    const stop = stopped.stop().then(() => (isStopped = true));
    stopped.add("b");
    await new Promise(setImmediate);
    expect([begun, isStopped]).toEqual([["a"], false]);
    await end("a");
    await stop;
    expect(begun).toEqual(["a"]);
  });
});
