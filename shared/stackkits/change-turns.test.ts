import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { makeTakeTurn } from "./change-turns.ts";

const open = (clock = () => new Date()) => {
  const documents = sqliteDocumentStore(":memory:");
  const pause = (milliseconds: number): Promise<void> => sleep(Math.min(milliseconds, 1));
  return makeTakeTurn({ documents, clock, sleep: pause });
};

describe("turns to change a tenant's Stack", () => {
  it("come one after the other for one tenant, and side by side for two", async () => {
    const takeTurn = open();
    const inside = new Map<string, number>();
    let most = 0;
    const act = (tenantId: string) => async (): Promise<void> => {
      const count = (inside.get(tenantId) ?? 0) + 1;
      expect(count).toBe(1);
      inside.set(tenantId, count);
      most = Math.max(
        most,
        [...inside.values()].reduce((sum, each) => sum + each, 0),
      );
      await sleep(2);
      inside.set(tenantId, count - 1);
    };
    const all = Array.from({ length: 20 }, (_, n) => `t${n % 2}`).map((id) => takeTurn(id, act(id)));
    await Promise.all(all);
    expect(most).toBe(2);
  });

  it("end with a failure, and by themselves when their owner was killed", async () => {
    let now = Date.now();
    const takeTurn = open(() => new Date(now));
    await expect(takeTurn("t", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    let free: () => void = () => undefined;
    const killed = takeTurn("t", () => new Promise<void>((resolve) => (free = resolve)));
    await expect(takeTurn("t", () => Promise.resolve())).rejects.toMatchObject({ code: "conflict" });
    now += 61_000;
    expect(await takeTurn("t", () => Promise.resolve("mine"))).toBe("mine");
    free();
    await killed;
  });
});
