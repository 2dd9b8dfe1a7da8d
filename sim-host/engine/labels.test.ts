import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelFilter, labelsOf, ownerOf } from "./labels.ts";

const owner = { tenantId: "t1", simulationId: "s1", part: "web", generation: 3 };

describe("labels", () => {
  it("say whose something is, and are read again as they were written", () => {
    const word = fc.string({ minLength: 1 });
    const owners = fc.record({ tenantId: word, simulationId: word, part: word, generation: fc.nat() });
    fc.assert(
      fc.property(owners, (one) => {
        expect(ownerOf(labelsOf(one))).toEqual(one);
      }),
    );
  });

  it.each([
    [undefined],
    [null],
    [{}],
    [{ ...labelsOf(owner), "kombify.sim.managed": "true" }],
    [{ ...labelsOf(owner), "kombify.sim.tenant": "" }],
    [{ ...labelsOf(owner), "kombify.sim.generation": "-1" }],
    [{ ...labelsOf(owner), "kombify.sim.generation": "3e9" }],
    [{ "kombify.sim.managed": "1", "kombify.sim.tenant": "t1" }],
  ])("make nothing ours that bears only some of them: %j", (labels) => {
    expect(ownerOf(labels)).toBeUndefined();
  });

  it("are filtered by exactly, all of them", () => {
    expect(labelFilter()).toStrictEqual(["kombify.sim.managed=1"]);
    expect(labelFilter({ tenantId: "t1", simulationId: "s1" })).toStrictEqual([
      "kombify.sim.managed=1",
      "kombify.sim.tenant=t1",
      "kombify.sim.id=s1",
    ]);
    expect(labelFilter(owner)).toContain("kombify.sim.part=web");
  });
});
