import { InvocationContext } from "@azure/functions";
import { expect, test } from "vitest";
import { housekeepingTimer, reconcileTimer } from "./reconcile.timer.ts";

test("a duty that fails keeps no other from being done, and the run fails with its cause", async () => {
  const done: string[] = [];
  const timer = reconcileTimer({
    reconcileInstances: () => {
      done.push("instances");
      return Promise.reject(new Error("The resource manager is away."));
    },
    reconcileTenants: () => Promise.resolve(done.push("tenants")),
    keepCapacity: () => {
      done.push("capacity");
      return Promise.resolve();
    },
    provisioningOf: () => () => Promise.resolve(),
    scaleOutOf: () => () => Promise.resolve(),
  });
  await expect(timer.run(new InvocationContext())).rejects.toThrow("The resource manager is away.");
  expect(done).toEqual(["instances", "tenants", "capacity"]);
});

test("housekeeping forgets workflows that began a month ago, also while the keys cannot be replaced", async () => {
  const asked: string[] = [];
  const timer = housekeepingTimer({
    keys: { rotate: () => Promise.reject(new Error("no vault")) },
    names: { sweep: () => Promise.resolve(0) },
    purgeWorkflows: (_context, before) => {
      asked.push(before.toISOString());
      return Promise.resolve(3);
    },
    clock: () => new Date("2026-03-31T00:00:00Z"),
  });
  await expect(timer.run(new InvocationContext())).rejects.toThrow("no vault");
  expect(asked).toEqual(["2026-03-01T00:00:00.000Z"]);
});
