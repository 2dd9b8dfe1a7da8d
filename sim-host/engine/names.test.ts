import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bridgeName, containerName } from "./names.ts";

const part = fc.stringMatching(/^[a-z_-]{1,4}$/);
const owner = fc.record({ tenantId: part, simulationId: part, part });

describe("names in the engine", () => {
  it("are what they were yesterday", () => {
    const web = { tenantId: "t1", simulationId: "s1", part: "web" };
    expect(containerName(web)).toBe("sim-bqpchrlxxzq3vvfjkg7tbonpx");
    expect(bridgeName(web)).toBe("ksbqpchrlxxzq3");
  });

  it("fit the engine and the kernel", () => {
    fc.assert(
      fc.property(owner, (one) => {
        expect(containerName(one)).toMatch(/^sim-[a-z2-7]{25}$/);
        expect(bridgeName(one)).toMatch(/^ks[a-z2-7]{12}$/);
      }),
    );
  });

  it("differ for different owners, also for those whose parts join to the same", () => {
    fc.assert(
      fc.property(owner, owner, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(containerName(one) === containerName(other)).toBe(isSame);
        expect(bridgeName(one) === bridgeName(other)).toBe(isSame);
      }),
    );
    const [first, second] = [
      { tenantId: "t", simulationId: "a", part: "b_c" },
      { tenantId: "t", simulationId: "a_b", part: "c" },
    ];
    expect(containerName(first)).not.toBe(containerName(second));
  });
});
