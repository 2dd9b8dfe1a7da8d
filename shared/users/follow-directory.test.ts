import { describe, expect, test } from "vitest";
import { aDirectoryModel } from "../../tests/support/directory-model.ts";
import { aPeopleRoom, callBodyOf } from "../../tests/support/people.ts";
import type { DirectoryEvent } from "./directory.ts";

const shuffled = <T>(items: readonly T[]): T[] => {
  const copy = [...items];
  for (let place = copy.length - 1; place > 0; place -= 1) {
    const other = Math.floor(Math.random() * (place + 1));
    [copy[place], copy[other]] = [copy[other]!, copy[place]!];
  }
  return copy;
};

const aRoom = () => {
  const model = aDirectoryModel();
  model.addOrganisation("org1");
  model.addUser("ann", "org1");
  model.grant("g1", "ann", "org1", ["member"]);
  const room = aPeopleRoom(model);
  const deliver = async (events: readonly DirectoryEvent[] = model.log): Promise<void> => {
    for (const event of events) expect((await room.call({ body: callBodyOf(event) })).status).toBe(200);
    await room.work();
  };
  const eventsOf = (type: string) => model.log.filter((event) => event.type === type);
  return { model, room, deliver, eventsOf };
};

/** Some history of one person, whose end nobody can guess from its parts. */
const live = (model: ReturnType<typeof aDirectoryModel>, sub: string): void => {
  const grant = `grant-${sub}`;
  model.grant(grant, sub, "org1", ["member"]);
  const steps = [
    () => model.setActive(sub, false),
    () => model.setActive(sub, true),
    () => model.grant(grant, sub, "org1", Math.random() < 0.5 ? ["admin"] : ["member"]),
    () => model.grant(grant, sub, "org1", ["admin", "member"]),
  ];
  while (model.log.filter(({ aggregateId }) => aggregateId === sub || aggregateId === grant).length < 9) {
    steps[Math.floor(Math.random() * steps.length)]!();
  }
  if (Math.random() < 0.2) model.removeUser(sub);
  else if (Math.random() < 0.3) model.revoke(grant);
};

test("1,000 shuffled and doubled events for 100 people, read by eight workers while more happens, end in the truth", async () => {
  const model = aDirectoryModel();
  model.addOrganisation("org1");
  const subs = Array.from({ length: 100 }, (_, place) => `person${place}`);
  for (const sub of subs) {
    model.addUser(sub, "org1");
    live(model, sub);
  }
  const room = aPeopleRoom(model);
  await room.addTenant("org1");
  const calls = shuffled([...model.log, ...shuffled(model.log).slice(0, 300)]);
  expect(calls.length).toBeGreaterThan(1_200);
  const half = calls.length / 2;
  const send = (events: readonly DirectoryEvent[]) =>
    Promise.all(events.map((event) => room.call({ body: callBodyOf(event) })));
  const answers = await send(calls.slice(0, half));
  const working = room.work(8);
  // The world goes on while the first half is being worked off.
  const before = model.log.length;
  for (const sub of subs.slice(0, 20)) {
    if (model.truthOf(sub).status !== "removed") model.setActive(sub, model.truthOf(sub).status !== "active");
  }
  answers.push(...(await send(shuffled([...calls.slice(half), ...model.log.slice(before)]))));
  await working;
  await room.work(8);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  for (const sub of subs) {
    const user = await room.find(sub);
    expect({ sub, status: user?.status, grants: user?.grants }).toEqual({ sub, ...model.truthOf(sub) });
    expect(user?.stackState).toBe("settled");
  }
  expect(room.alerts).toEqual([]);
  // Whoever may not come in at the end was shown the door last.
  for (const sub of subs) {
    const { status, grants } = model.truthOf(sub);
    const told = room.stackCalls.filter((call) => call.endsWith(` ${sub}`));
    if (status !== "active" || grants.length === 0) expect(told.at(-1)).toBe(`end ${sub}`);
    else if (told.length > 0) expect(told.at(-1)).not.toBe(`end ${sub}`);
  }
});

describe("people", () => {
  test("who are removed before anybody told of them end removed", async () => {
    const { model, room, deliver, eventsOf } = aRoom();
    model.removeUser("ann");
    await deliver(eventsOf("user.removed"));
    await deliver(eventsOf("user.human.added"));
    await deliver(eventsOf("user.grant.added"));
    expect(await room.find("ann")).toMatchObject({ status: "removed", grants: [] });
    expect((await room.find("ann"))?.email).toBeUndefined();
  });

  test("are as the newest answer says, also when a slower worker with an older one ends last", async () => {
    const { model, room, deliver, eventsOf } = aRoom();
    await room.addTenant("org1");
    await deliver();
    model.setActive("ann", false);
    const [first] = eventsOf("user.deactivated");
    model.setActive("ann", true);
    await room.call({ body: callBodyOf(first!) });
    room.advance(1_000);
    const letGo = model.holdNext();
    const asked = model.calls();
    const slow = room.work();
    await expect.poll(() => model.calls(), { interval: 5 }).toBe(asked + 1);
    model.setActive("ann", false);
    await room.call({ body: callBodyOf(eventsOf("user.deactivated")[1]!) });
    await room.work();
    expect(await room.find("ann")).toMatchObject({ status: "deactivated" });
    letGo();
    await slow;
    expect(await room.find("ann")).toMatchObject({ status: "deactivated" });
    expect(room.stackCalls.at(-1)).toBe("end ann");
  });

  test("that are machines take no seat", async () => {
    const { model, room, deliver } = aRoom();
    model.addUser("robot", "org1", "machine");
    model.grant("g-robot", "robot", "org1", ["admin"]);
    await deliver();
    expect(await room.find("robot")).toBeUndefined();
  });

  test("lose their role although its end names only the grant, known or not", async () => {
    for (const isKnown of [true, false]) {
      const { model, room, deliver, eventsOf } = aRoom();
      await room.addTenant("org1");
      await deliver(isKnown ? model.log : eventsOf("user.human.added"));
      model.revoke("g1");
      await deliver(eventsOf("user.grant.removed"));
      expect(await room.find("ann")).toMatchObject({ status: "active", grants: [], wasGranted: true });
      expect(room.stackCalls).toEqual(["end ann"]);
    }
  });

  test("are left alone by a grant that nobody has ever heard of", async () => {
    const { model, room, deliver } = aRoom();
    const [first] = model.log;
    await deliver([
      { ...first!, aggregateType: "usergrant", aggregateId: "unknown", type: "user.grant.removed", payload: undefined },
    ]);
    expect([room.queued(), room.alerts, room.stackCalls]).toEqual([0, [], []]);
  });

  test("are not taken for removed when the identity provider shows us nothing any more", async () => {
    const { model, room, deliver, eventsOf } = aRoom();
    await deliver();
    model.setBlind(true);
    await deliver(eventsOf("user.human.added").map((event) => ({ ...event, sequence: 9 })));
    expect(await room.find("ann")).toMatchObject({ status: "active" });
    expect(room.alerts).toMatchObject([{ type: "event.failed" }]);
  });

  test("a role in another organisation makes nobody administrator at home", async () => {
    const { model, room, deliver } = aRoom();
    model.addOrganisation("org2");
    model.grant("g2", "ann", "org2", ["admin"]);
    await deliver();
    expect(await room.find("ann")).toMatchObject({ isOrganisationAdmin: false });
    model.grant("g1", "ann", "org1", ["admin"]);
    await deliver();
    expect(await room.find("ann")).toMatchObject({ isOrganisationAdmin: true });
  });

  test("a Stack that is away is told later, and the person is out meanwhile", async () => {
    const { model, room, deliver } = aRoom();
    await room.addTenant("org1");
    await deliver();
    room.setStackDown(true);
    model.setActive("ann", false);
    await deliver();
    expect(await room.find("ann")).toMatchObject({ status: "deactivated", stackState: "due" });
    room.setStackDown(false);
    await room.reconcile();
    expect(await room.find("ann")).toMatchObject({ stackState: "settled" });
    expect(room.stackCalls).toEqual(["end ann"]);
  });

  test("an identity provider that is away has the event tried again, then given up with an alert", async () => {
    const { model, room, deliver } = aRoom();
    model.setDown(true);
    await deliver([model.log[1]!]);
    expect(room.alerts).toMatchObject([{ type: "event.failed" }]);
    expect(await room.find("ann")).toBeUndefined();
  });
});

describe("an organisation", () => {
  test("deactivated, reactivated and told in any order ends as it is, and only its own suspension is lifted", async () => {
    const { model, room, deliver } = aRoom();
    await room.addTenant("org1");
    model.setOrganisation("org1", "inactive");
    await deliver();
    expect(await room.tenant("org1")).toMatchObject({ status: "suspended", suspendedBy: ["organisation"] });
    await room.changeAccess("org1", "suspended");
    model.setOrganisation("org1", "active");
    await deliver(shuffled(model.log));
    expect(await room.tenant("org1")).toMatchObject({ status: "suspended", suspendedBy: ["operator"] });
    await room.changeAccess("org1", "active");
    expect(await room.tenant("org1")).toMatchObject({ status: "active", suspendedBy: [] });
    expect(room.stackCalls).toEqual(["suspend org1", "suspend org1", "resume org1"]);
  });

  test("an older release's suspension is an operator's", async () => {
    const { model, room, deliver } = aRoom();
    await room.addTenant("org1", { status: "suspended" });
    model.setOrganisation("org1", "inactive");
    model.setOrganisation("org1", "active");
    await deliver();
    expect(await room.tenant("org1")).toMatchObject({ status: "suspended" });
    await room.changeAccess("org1", "active");
    expect(await room.tenant("org1")).toMatchObject({ status: "active", suspendedBy: [] });
  });

  test("deactivated before its tenant is ready keeps it shut when it is", async () => {
    const { model, room, deliver } = aRoom();
    await room.addTenant("org1", { status: "provisioning", placement: null });
    model.setOrganisation("org1", "inactive");
    await deliver();
    expect(await room.tenant("org1")).toMatchObject({ status: "provisioning", suspendedBy: ["organisation"] });
    model.setOrganisation("org1", "active");
    await deliver();
    expect(await room.tenant("org1")).toMatchObject({ status: "provisioning", suspendedBy: [] });
  });

  test("removed takes its people with it, of whom nothing is told", async () => {
    const { model, room, deliver } = aRoom();
    model.addUser("ben", "org1");
    await room.addTenant("org1");
    await deliver();
    model.removeOrganisation("org1");
    await deliver();
    for (const sub of ["ann", "ben"]) expect(await room.find(sub)).toMatchObject({ status: "removed", grants: [] });
    expect(await room.tenant("org1")).toMatchObject({ status: "suspended", suspendedBy: ["organisation"] });
  });

  test("without a tenant is nobody's trouble", async () => {
    const { model, room, deliver } = aRoom();
    model.setOrganisation("org1", "inactive");
    await deliver();
    expect([room.alerts, room.stackCalls]).toEqual([[], []]);
  });
});

describe("the log", () => {
  test("gives what no webhook told, says so, and what was there before we looked is no loss", async () => {
    const { model, room } = aRoom();
    expect(await room.reconcile()).toBe(0);
    await room.work();
    expect(await room.find("ann")).toMatchObject({ status: "active" });
    model.removeUser("ann");
    room.advance(3_600_000);
    expect(await room.reconcile()).toBe(2);
    await room.work();
    expect(await room.find("ann")).toMatchObject({ status: "removed" });
    expect(room.alerts).toMatchObject([{ type: "directory.events-missed", data: { count: 2 } }]);
    expect(await room.progress()).toMatchObject({ missedCount: 2, missed: [{}, { type: "user.removed" }] });
    expect(await room.reconcile()).toBe(0);
    expect(room.alerts).toHaveLength(1);
  });

  test("is read to its end over many pages, and by one reader at a time", async () => {
    const model = aDirectoryModel(0);
    model.addOrganisation("org1");
    for (let place = 0; place < 1_200; place += 1) model.addUser(`person${place}`, "org1");
    const room = aPeopleRoom(model);
    await Promise.all([room.reconcile(), room.reconcile(), room.reconcile()]);
    // Pages overlap by one event, which is the same event.
    expect(room.queued()).toBeGreaterThanOrEqual(1_201);
    expect(room.queued()).toBeLessThan(1_210);
    expect(await room.progress()).toMatchObject({ cursor: model.log.at(-1)!.createdAt });
  });

  test("is read on where it was when a reader died, once the lease is over", async () => {
    const { model, room } = aRoom();
    model.setDown(true);
    await expect(room.reconcile()).rejects.toMatchObject({ code: "identity-provider-unavailable" });
    model.setDown(false);
    await room.reconcile();
    await room.work();
    expect(await room.find("ann")).toMatchObject({ status: "active" });
  });
});
