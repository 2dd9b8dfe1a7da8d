import { describe, expect, it } from "vitest";
import { readAddress, runAddress } from "./address.ts";

const read = (path: string) => {
  const { pathname, search } = new URL(path, "http://localhost");
  return readAddress({ pathname, search });
};

describe("addresses of simulations", () => {
  it.each([
    ["/simulations", { kind: "list" }],
    ["/simulations/", { kind: "list" }],
    ["/simulations/new?example=two-nodes", { kind: "new" }],
    ["/simulations/sim-1", { kind: "one", id: "sim-1" }],
    ["/simulations/sim-1/edit", { kind: "edit", id: "sim-1" }],
    ["/simulations/sim-1/runs/run-2", { kind: "one", id: "sim-1", run: "run-2" }],
    ["/simulations/sim-1/runs/run-2/", { kind: "one", id: "sim-1", run: "run-2" }],
    ["/simulations/sim-1/runs/run-2?compare=run-1", { kind: "one", id: "sim-1", run: "run-2", compare: "run-1" }],
    ["/simulations/sim-1?compare=run-1", { kind: "one", id: "sim-1" }],
    ["/simulations/sim-1/runs", { kind: "nowhere" }],
    ["/simulations/new/edit", { kind: "nowhere" }],
    ["/simulations/sim-1/other", { kind: "nowhere" }],
    ["/simulations/..%2Fkits", { kind: "nowhere" }],
  ])("%s is read", (path, place) => {
    expect(read(path)).toEqual(place);
  });

  it.each([{}, { run: "run-2" }, { run: "run-2", compare: "run-1" }])("are written as they are read", (place) => {
    expect(read(runAddress("sim-1", place))).toEqual({ kind: "one", id: "sim-1", ...place });
  });
});
