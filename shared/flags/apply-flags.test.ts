import { expect, test } from "vitest";
import { aFlagRoom } from "../../tests/support/flags.ts";
import type { FlagFields } from "./flag.ts";
import { FlagFields as Fields } from "./flag.ts";

const fields = (key: string, more: Partial<FlagFields> = {}): FlagFields =>
  Fields.parse({ key, variants: { on: true, off: false }, off: "off", otherwise: "on", ...more });

/** Two instances with a tenant each, and a clock of its own. */
const aRoom = async () => {
  let now = Date.parse("2026-01-01T00:00:00.000Z");
  const room = aFlagRoom({ clock: () => new Date(now) });
  await room.addInstance("one");
  await room.addInstance("two");
  const tenants = { one: await room.settle("one", "acme"), two: await room.settle("two", "globex", "pro") };
  const stale = async (isForced = false) => (await room.findStale(isForced)).instanceIds;
  const applyAll = async () => {
    for (const id of await stale()) await room.applyFlags(id);
  };
  const states = async () =>
    (await room.describeRollout()).instances.map(({ instanceId, state }) => `${instanceId} ${state}`);
  return {
    ...room,
    store: room.tenants,
    tenants,
    stale,
    applyAll,
    states,
    pass: (milliseconds: number) => (now += milliseconds),
  };
};

test("nobody is asked while there is no flag; then every instance has it, and nobody is asked again", async () => {
  const room = await aRoom();
  expect(await room.stale(true)).toEqual([]);
  expect(await room.states()).toEqual(["one current", "two current"]);
  await room.editFlags.create("olivia", fields("tabs"));
  expect(await room.states()).toEqual(["one behind", "two behind"]);
  await room.applyAll();
  expect(room.flagsOf("one", room.tenants.one)).toEqual({ tabs: true });
  expect(room.flagsOf("two", room.tenants.two)).toEqual({ tabs: true });
  expect(room.flagsOf("one", room.tenants.two)).toEqual({});
  expect([await room.stale(), await room.states()]).toEqual([[], ["one current", "two current"]]);
});

test("an instance that is away keeps its failure, is left alone for ever longer, and catches up", async () => {
  const room = await aRoom();
  await room.editFlags.create("olivia", fields("tabs"));
  room.down.add("two");
  await room.applyAll();
  expect(await room.describeRollout()).toMatchObject({
    revision: 1,
    instances: [
      { state: "current", revision: 1, failures: 0 },
      { state: "failed", revision: 0, failures: 1, cause: "The Stack instance two is away." },
    ],
  });
  expect([await room.stale(), await room.stale(true)]).toEqual([[], ["two"]]);
  room.pass(10_000);
  expect(await room.stale()).toEqual(["two"]);
  await room.applyAll();
  room.pass(10_000);
  expect(await room.stale()).toEqual([]);
  await room.editFlags.kill("olivia", "tabs");
  room.pass(60_000);
  room.down.clear();
  await room.applyAll();
  expect(room.flagsOf("two", room.tenants.two)).toEqual({ tabs: false });
  expect(await room.describeRollout()).toMatchObject({ instances: [{ revision: 2 }, { revision: 2, failures: 0 }] });
});

test("a schedule's moment, a plan and a new tenant are reasons to write; and an hour is one to look", async () => {
  const room = await aRoom();
  const schedule = { from: "2026-01-01T01:30:00Z", until: "2026-01-01T02:00:00Z" };
  const rules = [{ variant: "off", plans: ["pro" as const] }];
  await room.editFlags.create("olivia", fields("night", { off: "off", schedule }));
  await room.editFlags.create("olivia", fields("free-only", { rules }));
  await room.applyAll();
  expect(room.flagsOf("two", room.tenants.two)).toEqual({ night: false, "free-only": false });
  const found = (await room.store.forTenant(room.tenants.one).read())!;
  await room.store.forTenant(room.tenants.one).replace({ ...found.value, plan: "pro" }, found.etag);
  expect(await room.stale()).toEqual(["one"]);
  await room.applyAll();
  expect(room.flagsOf("one", room.tenants.one)).toEqual({ night: false, "free-only": false });
  const initech = await room.settle("two", "initech");
  expect(await room.stale()).toEqual(["two"]);
  await room.applyAll();
  expect(room.flagsOf("two", initech)).toEqual({ night: false, "free-only": true });
  room.pass(3_600_000);
  expect(await room.stale()).toEqual(["one", "two"]);
  await room.applyAll();
  room.pass(1_800_000);
  await room.applyAll();
  expect(room.flagsOf("one", room.tenants.one)).toMatchObject({ night: true });
  room.pass(1_800_000);
  await room.applyAll();
  expect(room.flagsOf("one", room.tenants.one)).toMatchObject({ night: false });
});

test("one worker writes to an instance; a change that comes meanwhile is written by it as well", async () => {
  const room = await aRoom();
  await room.editFlags.create("olivia", fields("tabs"));
  let meanwhile: unknown;
  room.onWrite(async () => {
    if (meanwhile !== undefined) return;
    meanwhile = await room.applyFlags("one");
    expect(await room.states()).toEqual(["one applying", "two behind"]);
    expect(await room.stale()).toEqual(["two"]);
    await room.editFlags.kill("olivia", "tabs");
  });
  expect(await room.applyFlags("one")).toBe("applied");
  expect(meanwhile).toBe("busy");
  expect(room.flagsOf("one", room.tenants.one)).toEqual({ tabs: false });
  expect(room.revisions.get("one")).toBe(2);
});

test("a worker that was killed keeps others out for half a minute; one that hung gives way", async () => {
  const room = await aRoom();
  await room.editFlags.create("olivia", fields("tabs"));
  let resumes: (() => void) | undefined;
  room.onWrite(() => (resumes === undefined ? new Promise((resolve) => (resumes = resolve)) : Promise.resolve()));
  const hung = room.applyFlags("one");
  await expect.poll(() => resumes).toBeDefined();
  expect(await room.applyFlags("one")).toBe("busy");
  room.pass(30_000);
  expect(await room.applyFlags("one")).toBe("applied");
  resumes?.();
  expect(await hung).toBe("busy");
  expect(await room.states()).toEqual(["one current", "two behind"]);
});

test("an instance that is ahead of the documents is left as it is, and says so; one out of service is gone", async () => {
  const room = await aRoom();
  await room.editFlags.create("olivia", fields("tabs"));
  room.revisions.set("one", 9);
  expect(await room.applyFlags("one")).toBe("failed");
  expect(room.flagsOf("one", room.tenants.one)).toEqual({});
  expect((await room.describeRollout()).instances[0]?.cause).toContain("revision 9");
  expect(await room.applyFlags("three")).toBe("gone");
});
