import { expect, test } from "vitest";
import type { Stack, TenantLimits, TenantSpace } from "../../shared/stack/stack.ts";
import { aFlagRoom } from "../../tests/support/flags.ts";

const address = { instanceId: "one", internalEndpoint: "http://127.0.0.1:1" };
const limits: Omit<TenantLimits, "tenantId" | "plan"> = {
  maxUsers: 1,
  maxNodes: 1,
  maxServices: 1,
  storageMegabytesMax: 1,
};
const isUnused = (): never => {
  throw new Error("This is not asked here.");
};
const stack: Stack = {
  isReady: isUnused,
  prepare: isUnused,
  createTenantSpace: () => Promise.resolve(),
  changeLimits: ({ tenantId }) => Promise.resolve(tenantId !== "stranger0000000"),
  openSession: isUnused,
  endSessions: isUnused,
  changeRole: isUnused,
  suspendTenant: isUnused,
  resumeTenant: isUnused,
};

const aRoom = async () => {
  const room = aFlagRoom({ stacks: { at: () => stack } });
  const flag = { key: "pro-only", description: "", variants: { on: true, off: false }, off: "off", otherwise: "off" };
  await room.editFlags.create("olivia", { ...flag, rules: [{ variant: "on", plans: ["pro"] }], schedule: null });
  const tenantId = await room.settle("one", "acme");
  const space: TenantSpace = {
    ...{ tenantId, slug: "acme", namespace: "acme", name: "acme", orgId: "acme", plan: "free", ...limits },
  };
  return { ...room, space, flagged: room.stacks.at(address) };
};

test("a tenant has its flags with its space, and others with another plan", async () => {
  const { space, flagged, flagsOf } = await aRoom();
  await flagged.createTenantSpace(space);
  expect(flagsOf("one", space.tenantId)).toEqual({ "pro-only": false });
  expect(await flagged.changeLimits({ ...limits, tenantId: space.tenantId, plan: "pro" })).toBe(true);
  expect(flagsOf("one", space.tenantId)).toEqual({ "pro-only": true });
  expect(await flagged.changeLimits({ ...limits, tenantId: "stranger0000000", plan: "pro" })).toBe(false);
});

test("nobody's space or plan waits for flags", async () => {
  const { space, flagged, flagsOf, down } = await aRoom();
  down.add("one");
  await flagged.createTenantSpace(space);
  expect(await flagged.changeLimits({ ...limits, tenantId: space.tenantId, plan: "pro" })).toBe(true);
  expect(flagsOf("one", space.tenantId)).toEqual({});
});
