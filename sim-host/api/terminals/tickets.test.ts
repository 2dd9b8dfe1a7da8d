import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { aCaller } from "../../../tests/support/builders.ts";
import type { TicketBinding, Tickets } from "./tickets.ts";
import { makeTickets } from "./tickets.ts";

const binding = (tenantId = "tenant-acme"): TicketBinding => ({
  ...{ caller: aCaller(), tenantId, simulationId: "sim-1", node: "web", command: ["/bin/sh"] },
  size: { columns: 80, rows: 24 },
});

let now = 0;
let tickets: Tickets;
beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  tickets = makeTickets({ clock: () => new Date(now), randomBytes, lifetimeMilliseconds: 30_000 });
});

describe("a ticket", () => {
  test("is 256 bits that fit into a header, and is good for half a minute", () => {
    const { ticket, expiresAt } = tickets.issue(binding());
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(expiresAt).toBe("2026-01-01T00:00:30.000Z");
    now += 29_999;
    expect(tickets.take(ticket)).toEqual(binding());
  });

  test("is good for one use, however many try at once", async () => {
    const { ticket } = tickets.issue(binding());
    const taken = await Promise.all(
      Array.from({ length: 50 }, () => Promise.resolve().then(() => tickets.take(ticket))),
    );
    expect(taken.filter((each) => each !== undefined)).toEqual([binding()]);
  });

  test("is not good any more after its time, and does not become good again", () => {
    const { ticket } = tickets.issue(binding());
    now += 30_000;
    expect(tickets.take(ticket)).toBeUndefined();
    now -= 30_000;
    expect(tickets.take(ticket)).toBeUndefined();
  });

  test.each(["", "x", "A".repeat(43), "__proto__"])("that nobody gave is none: %j", (ticket) => {
    tickets.issue(binding());
    expect(tickets.take(ticket)).toBeUndefined();
  });

  test("is not like any other", () => {
    const all = Array.from({ length: 15 }, () => tickets.issue(binding()).ticket);
    expect(new Set(all).size).toBe(15);
  });
});

describe("tickets that nobody uses", () => {
  test("are twenty of a tenant's at most, until their time is over", () => {
    for (let n = 0; n < 20; n += 1) tickets.issue(binding());
    expect(() => tickets.issue(binding())).toThrow("Too many");
    expect(() => tickets.issue(binding("tenant-globex"))).not.toThrow();
    now += 30_000;
    expect(() => tickets.issue(binding())).not.toThrow();
  });

  test("are 2,000 of all tenants' at most", () => {
    for (let n = 0; n < 2_000; n += 1) tickets.issue(binding(`tenant-${n}`));
    expect(() => tickets.issue(binding())).toThrow("Too many");
  });
});
