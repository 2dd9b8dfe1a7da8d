import { InvocationContext } from "@azure/functions";
import { expect, test } from "vitest";
import { reconcileTimer } from "./reconcile.timer.ts";

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
