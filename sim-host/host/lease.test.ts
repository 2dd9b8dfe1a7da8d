import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { sqliteStore } from "../store/sqlite-store.ts";
import { isHolderGone, thisHolder } from "./holder.ts";
import { makeLease } from "./lease.ts";

const setUp = (isGone: (holder: string) => boolean = () => false) => {
  let now = Date.UTC(2026, 0, 1);
  const clock = () => new Date(now);
  const store = sqliteStore({ file: ":memory:", allocate: () => [], clock });
  const lease = (holder: string) => makeLease({ store, engine: "engine", holder, isGone, clock });
  return { lease, pass: (milliseconds: number) => (now += milliseconds) };
};

describe("the lease of an engine", () => {
  it("is one host's, until it ends or lets go, and each next one has a higher number", () => {
    const { lease, pass } = setUp();
    const [one, two] = [lease("one"), lease("two")];
    expect([one.hold(), two.hold()]).toEqual([true, false]);
    expect(one.fence()).toBe(1);
    expect(() => two.fence()).toThrow("Another host");
    pass(10_000);
    expect([one.hold(), two.hold()]).toEqual([true, false]);
    pass(15_001);
    expect(() => one.fence()).toThrow("Another host");
    expect([two.hold(), two.fence(), one.hold()]).toEqual([true, 2, false]);
    two.release();
    expect([one.hold(), one.fence()]).toEqual([true, 3]);
  });

  it("begins nothing that may end after it", () => {
    const { lease, pass } = setUp();
    const one = lease("one");
    one.hold();
    pass(12_001);
    expect(() => one.fence()).toThrow("Another host");
  });

  it("passes at once from a holder that has ended, and gives its number to nobody else", () => {
    const { lease } = setUp((holder) => holder === "dead");
    const [dead, next] = [lease("dead"), lease("next")];
    dead.hold();
    expect([next.hold(), next.fence()]).toEqual([true, 2]);
  });
});

describe("a holder", () => {
  it("is known to be gone when its process has ended, and only then", async () => {
    expect(isHolderGone(thisHolder())).toBe(false);
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    const ended = thisHolder().replace(`/${process.pid}/`, `/${String(child.pid)}/`);
    expect(isHolderGone(ended)).toBe(true);
    expect(isHolderGone(`elsewhere/boot/${process.pid}/1`)).toBe(false);
  });
});
