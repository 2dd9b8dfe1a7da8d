import { beforeEach, describe, expect, test } from "vitest";
import { buildEventServices } from "../../functions/events/event-services.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { DomainError } from "../kernel/errors.ts";
import { crashingStore } from "../../tests/support/crashing-store.ts";
import type { IncomingEvent } from "./accept-event.ts";
import type { Event } from "./event.ts";
import type { PlatformAlert } from "./raise-alert.ts";

const incoming: IncomingEvent = {
  source: "stripe",
  key: "evt_1",
  type: "customer.subscription.updated",
  reference: { subscription: "sub_1" },
  occurredAt: "2026-01-01T00:00:00.000Z",
};
const id = "stripe:evt_1";

const setUp = () => {
  let now = Date.UTC(2026, 0, 1);
  const documents = crashingStore(sqliteDocumentStore(":memory:"));
  const messages: string[] = [];
  const alerts: PlatformAlert[] = [];
  const logged: unknown[] = [];
  const note = (...line: unknown[]): void => void logged.push(line);
  const queue = {
    isAway: false,
    send: (eventId: string) => {
      if (queue.isAway) return Promise.reject(new Error("no route to somebody@example.com"));
      messages.push(eventId);
      return Promise.resolve();
    },
  };
  const vendor = {
    handled: [] as Event[],
    answer: (): Promise<"done" | "ignored"> => Promise.resolve("done"),
  };
  const stripe = (event: Event): Promise<"done" | "ignored"> => {
    vendor.handled.push(event);
    return vendor.answer();
  };
  const services = buildEventServices({
    documents,
    queue,
    handlers: { stripe },
    raiseAlert: (alert) => {
      if (!alerts.some((each) => each.id === alert.id)) alerts.push(alert);
      return Promise.resolve();
    },
    clock: () => new Date(now),
    log: { info: note, warn: note, error: note },
  });
  const advance = (seconds: number): void => {
    now += seconds * 1000;
  };
  return { ...services, documents, messages, alerts, logged, queue, vendor, advance };
};

let world: ReturnType<typeof setUp>;
beforeEach(() => {
  world = setUp();
});

const fails = (error: Error) => (): Promise<never> => Promise.reject(error);

test("an event is kept, told to a worker, handled and settled", async () => {
  expect(await world.acceptEvent(incoming)).toEqual({ isNew: true });
  expect(world.messages).toEqual([id]);
  await world.processEvent(id);
  expect(world.vendor.handled).toMatchObject([{ id, reference: { subscription: "sub_1" }, attempts: 1 }]);
  expect(await world.events.find(id)).toMatchObject({ state: "done", attempts: 1, detail: null, leaseUntil: null });
  expect(await world.acceptEvent(incoming)).toEqual({ isNew: false });
  expect(world.messages).toEqual([id]);
});

test("a repetition of one that waits is told again, and 1,000 messages at once are handled once", async () => {
  const answers = await Promise.all(Array.from({ length: 1000 }, () => world.acceptEvent(incoming)));
  expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(world.messages).toHaveLength(1000);
  await Promise.all(world.messages.map((message) => world.processEvent(message)));
  await Promise.all(world.messages.map((message) => world.processEvent(message)));
  expect(world.vendor.handled).toHaveLength(1);
});

test("an event that is stored while the queue is away is accepted, and sent by the timer after a minute", async () => {
  world.queue.isAway = true;
  expect(await world.acceptEvent(incoming)).toEqual({ isNew: true });
  expect(JSON.stringify(world.logged)).not.toContain("@");
  world.queue.isAway = false;
  expect(await world.resendEvents()).toBe(0);
  world.advance(61);
  expect(await Promise.all([world.resendEvents(), world.resendEvents()])).toContain(1);
  expect(world.messages).toEqual([id]);
  world.advance(61);
  await world.processEvent(id);
  expect(await world.resendEvents()).toBe(0);
});

test("a timer that meets a queue that is away tries again a minute later", async () => {
  await world.acceptEvent(incoming);
  world.advance(61);
  world.queue.isAway = true;
  await expect(world.resendEvents()).rejects.toThrow();
  world.queue.isAway = false;
  world.advance(61);
  expect(await world.resendEvents()).toBe(1);
});

describe("a handler that fails", () => {
  test("is tried again with the next message; what is kept of the failure names nobody", async () => {
    await world.acceptEvent(incoming);
    world.vendor.answer = fails(new TypeError("No such customer: anna@example.com"));
    await expect(world.processEvent(id)).rejects.toThrow(TypeError);
    expect(await world.events.find(id)).toMatchObject({ state: "received", attempts: 1, detail: "TypeError" });
    world.vendor.answer = fails(new DomainError("unavailable", "Stripe does not answer."));
    await expect(world.processEvent(id)).rejects.toThrow();
    expect(await world.events.find(id)).toMatchObject({ attempts: 2, detail: "unavailable: Stripe does not answer." });
    world.vendor.answer = () => Promise.resolve("ignored");
    await world.processEvent(id);
    expect(await world.events.find(id)).toMatchObject({ state: "ignored", attempts: 3, detail: null });
  });

  test("to the end leaves a failed event and one alert, and is handled again when it is replayed", async () => {
    await world.acceptEvent(incoming);
    world.vendor.answer = fails(new Error("down"));
    await expect(world.processEvent(id)).rejects.toThrow();
    await world.failEvent(id);
    world.advance(5);
    await world.failEvent(id);
    await world.processEvent(id);
    expect(await world.events.find(id)).toMatchObject({ state: "failed", attempts: 1 });
    expect(world.alerts).toMatchObject([{ type: "event.failed", data: { eventId: id, attempts: 1, detail: "Error" } }]);
    expect(await world.events.list("failed", 10)).toHaveLength(1);
    world.vendor.answer = () => Promise.resolve("done");
    expect(await world.replayEvents.failed(10, "olivia")).toEqual([id]);
    expect(await world.events.find(id)).toMatchObject({ state: "received", attempts: 0, detail: null });
    expect(world.messages).toEqual([id, id]);
    await world.processEvent(id);
    expect(await world.events.find(id)).toMatchObject({ state: "done", attempts: 1 });
    await world.replayEvents.one(id, "olivia");
    await world.failEvent(id);
    expect(new Set(world.alerts.map((alert) => alert.id)).size).toBe(2);
    await expect(world.replayEvents.one("stripe:nothing", "olivia")).rejects.toMatchObject({ code: "not-found" });
  });

  test("for want of a handler stays to be replayed", async () => {
    await world.acceptEvent({ ...incoming, source: "zitadel" });
    await expect(world.processEvent("zitadel:evt_1")).rejects.toThrow("Nobody handles events of zitadel.");
  });
});

describe("a worker that is killed", () => {
  test.each([
    { at: 1, moment: "before" },
    { at: 1, moment: "after" },
    { at: 2, moment: "before" },
    { at: 2, moment: "after" },
  ] as const)("at write $at ($moment it) loses nothing", async ({ at, moment }) => {
    await world.acceptEvent(incoming);
    world.documents.dieAt(at, moment);
    await world.processEvent(id).catch(() => undefined);
    expect(world.documents.revive()).toBe(true);
    // The message that comes back too early is dropped, for another worker could be at it.
    await world.processEvent(id);
    for (let minute = 0; minute < 7; minute += 1) {
      world.advance(61);
      if ((await world.resendEvents()) > 0) await world.processEvent(id);
    }
    expect(await world.events.find(id)).toMatchObject({ state: "done" });
    expect(world.vendor.handled.length).toBeLessThanOrEqual(2);
  });

  test("again and again at the same event does not go on for ever", async () => {
    await world.acceptEvent(incoming);
    for (let round = 0; round < 30; round += 1) {
      world.documents.dieAt(2, "before");
      await world.processEvent(id).catch(() => undefined);
      world.documents.revive();
      world.advance(61);
    }
    expect(world.vendor.handled).toHaveLength(12);
    expect(await world.events.find(id)).toMatchObject({ state: "failed", attempts: 12 });
    expect(world.alerts).toHaveLength(1);
  });

  test("between the failed state and its alert raises the alert when the message comes back", async () => {
    await world.acceptEvent(incoming);
    world.documents.dieAt(1, "after");
    await world.failEvent(id).catch(() => undefined);
    expect(world.documents.revive()).toBe(true);
    expect(world.alerts).toEqual([]);
    await world.failEvent(id);
    expect(world.alerts).toHaveLength(1);
  });
});

test("a slow worker whose lease has passed to another one does not say how it ended", async () => {
  await world.acceptEvent(incoming);
  let release: (answer: "done") => void = () => undefined;
  world.vendor.answer = () => new Promise((resolve) => (release = resolve));
  const slow = world.processEvent(id);
  await expect.poll(() => world.vendor.handled.length).toBe(1);
  world.advance(61);
  world.vendor.answer = () => Promise.resolve("ignored");
  await world.processEvent(id);
  release("done");
  await slow;
  expect(await world.events.find(id)).toMatchObject({ state: "ignored", attempts: 2 });
});

test("expired events are swept, others are not", async () => {
  await world.acceptEvent(incoming);
  world.advance(34 * 86_400);
  await world.acceptEvent({ ...incoming, key: "evt_2" });
  world.advance(2 * 86_400);
  await world.sweepEvents();
  expect(await world.events.find(id)).toBeUndefined();
  expect(await world.events.find("stripe:evt_2")).toBeDefined();
});

test("failed events are listed page by page, newest first", async () => {
  for (const key of ["a", "b", "c"]) {
    await world.acceptEvent({ ...incoming, key });
    await world.failEvent(`stripe:${key}`);
  }
  const [first, second] = await world.events.list("failed", 2);
  const rest = await world.events.list("failed", 2, second?.sortKey);
  expect([first, second, ...rest].map((event) => event?.id)).toEqual(["stripe:c", "stripe:b", "stripe:a"]);
});
