import { describe, expect, it } from "vitest";
import type { Simulation, Status } from "../api/simulation-shapes.ts";
import { statuses } from "../api/simulation-shapes.ts";
import { allowedActions, allowedNodeActions, isSealed } from "./allowed-actions.ts";

const kit = { id: "notes", name: "Notes", version: "1.0.0" };
const tried = (status: NonNullable<Simulation["trial"]>["status"]) => ({ trial: { kit, status } });
const of = (status: Status, more: Pick<Simulation, "trial"> = { trial: undefined }) => ({ status, ...more });

describe("what a simulation's page offers", () => {
  it("is everything that its status allows", () => {
    expect(allowedActions(of("running"))).toEqual(["pause", "restart", "stop"]);
    expect(allowedActions(of("paused"))).toEqual(["resume", "stop"]);
    expect(allowedNodeActions(of("running"), { state: "running" })).toEqual(["pause", "restart", "stop", "kill"]);
    expect(allowedNodeActions(of("paused"), { state: "paused" })).toEqual([]);
  });

  it("is nothing but what ends it while it tries a kit", () => {
    const offered = new Set(statuses.flatMap((status) => allowedActions(of(status, tried("running")))));
    expect([...offered]).toEqual(["stop"]);
    expect(allowedNodeActions(of("running", tried("running")), { state: "running" })).toEqual([]);
  });

  it.each(["passed", "failed", "given-up"] as const)("is everything again once the kit's trial is %s", (status) => {
    expect(isSealed(tried(status))).toBe(false);
    expect(allowedActions(of("stopped", tried(status)))).toEqual(["start"]);
    expect(allowedNodeActions(of("running", tried(status)), { state: "exited" })).toEqual(["start"]);
  });
});
