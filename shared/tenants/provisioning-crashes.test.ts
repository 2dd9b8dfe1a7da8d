import fc from "fast-check";
import { expect, test } from "vitest";
import { aCaller } from "../../tests/support/builders.ts";
import { aTenancy } from "../../tests/support/tenancy.ts";
import { tenantIdOf } from "./tenant.ts";

const wanted = { name: "Acme", slug: "acme", namespace: "acme" };
const tenantId = tenantIdOf(aCaller().orgId ?? "");

interface Death {
  readonly write: number;
  readonly moment: "before" | "after";
}
const death: fc.Arbitrary<Death> = fc.record({
  write: fc.integer({ min: 1, max: 12 }),
  moment: fc.constantFrom("before", "after"),
});

/** Lets the process die once more while it reconciles, and starts it again. */
const reconcileThrough = async (tenancy: ReturnType<typeof aTenancy>, deaths: readonly Death[]): Promise<void> => {
  for (const { write, moment } of deaths) {
    tenancy.advanceClock(70_000);
    tenancy.documents.dieAt(write, moment);
    await tenancy.reconcile().catch(() => undefined);
    tenancy.documents.revive();
  }
  tenancy.advanceClock(70_000);
  await tenancy.reconcile();
};

test("killed before or after any write, the request again or the reconciler ends it: one tenant, one slot, one slug", async () => {
  await fc.assert(
    fc.asyncProperty(death, fc.array(death, { maxLength: 4 }), fc.boolean(), async (first, later, doesClientRetry) => {
      const tenancy = aTenancy({ instances: 2 });
      await tenancy.instances();
      tenancy.documents.dieAt(first.write, first.moment);
      await tenancy.provision(aCaller(), wanted, "key").catch(() => undefined);
      tenancy.documents.revive();
      await reconcileThrough(tenancy, later);
      const isKnown = (await tenancy.tenants.forTenant(tenantId).read()) !== undefined;
      if (doesClientRetry || !isKnown) {
        tenancy.advanceClock(11 * 60_000);
        await tenancy.provision(aCaller(), wanted, "key");
      }
      await reconcileThrough(tenancy, []);
      await reconcileThrough(tenancy, []);

      const tenant = (await tenancy.tenants.forTenant(tenantId).read())?.value;
      expect(tenant).toMatchObject({ status: "active", placement: { state: "active" } });
      const slots = (await tenancy.instances()).flatMap(({ id, slots: held }) =>
        Object.values(held).map((slot) => ({ id, claimId: slot.claimId, state: slot.state })),
      );
      expect(slots).toEqual([
        { id: tenant?.placement?.instanceId, claimId: tenant?.placement?.claimId, state: "active" },
      ]);
      expect(await tenancy.names.ownerOf("slug:acme")).toBe(tenantId);
      expect(await tenancy.operations.forOwner(tenant?.orgId ?? "").find(tenant?.operationId ?? "")).toMatchObject({
        status: "succeeded",
      });
    }),
    { numRuns: 200 },
  );
}, 60_000);
