import { expect, it } from "vitest";
import { anInstanceFleet } from "../../tests/support/instance-fleet.ts";

const aFleet = () => {
  const fleet = anInstanceFleet({
    arm: { ending: "succeeds", deploySeconds: 20, removeSeconds: 5, faults: [], outage: { from: 0, seconds: 0 } },
    readyAfter: 0,
  });
  fleet.live(undefined);
  return fleet;
};

it("makes one instance of ten requests with one key that meet, and of one that comes later", async () => {
  const fleet = aFleet();
  const made = await Promise.all(Array.from({ length: 10 }, () => fleet.create()));
  await fleet.hub.run();
  expect(new Set([...made, await fleet.create()].map(({ id }) => id)).size).toBe(1);
  expect(await fleet.instances.list({})).toHaveLength(1);
});

it.each([{ region: "eastus" }, { mode: "DEDICATED" }] as const)(
  "refuses a key that was used for another request: %j",
  async (change) => {
    const fleet = aFleet();
    const first = await fleet.create();
    await expect(fleet.create(change)).rejects.toMatchObject({ code: "idempotency-key-reused" });
    expect((await fleet.instances.list({})).map(({ id }) => id)).toEqual([first.id]);
    expect(await fleet.create({ ...change, idempotencyKey: "another" })).toMatchObject(change);
  },
);

it("lets one of two different requests with one key through when they meet", async () => {
  const fleet = aFleet();
  const both = await Promise.allSettled([fleet.create(), fleet.create({ region: "eastus" })]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await fleet.instances.list({})).toHaveLength(1);
});
