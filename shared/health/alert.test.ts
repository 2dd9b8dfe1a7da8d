import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { crashingStore } from "../../tests/support/crashing-store.ts";
import { aFleet } from "../../tests/support/fleet.ts";
import type { ScriptedServer } from "../../tests/support/scripted-server.ts";
import { scriptedServer } from "../../tests/support/scripted-server.ts";

const id = "stack-westeurope-1";

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that keeps what it gets and answers with `status`; 0: it hangs. */
const receiver = (): Promise<{
  readonly url: string;
  readonly got: Delivery[];
  readonly answer: (status: number) => void;
  readonly close: () => void;
}> =>
  new Promise((resolve) => {
    const got: Delivery[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        if (status > 0) response.writeHead(status, { location: "http://127.0.0.1:1/" }).end();
      });
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const close = (): void => {
        server.close();
        server.closeAllConnections();
      };
      resolve({ url: `http://127.0.0.1:${port}/hook`, got, answer: (next) => (status = next), close });
    });
  });

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

const setUp = async () => {
  const server: ScriptedServer = await scriptedServer();
  const hook = await receiver();
  opened.push(server, hook);
  const documents = crashingStore(sqliteDocumentStore(":memory:"));
  const fleet = aFleet({ alertUrl: hook.url, documents });
  await fleet.addInstance(id, { internalEndpoint: server.url });
  const fail = async (): Promise<void> => {
    server.be("error");
    await fleet.rounds(3);
  };
  return { server, hook, fleet, documents, fail };
};

const idsOf = (got: readonly Delivery[]) => got.map(({ headers }) => headers["webhook-id"]);

test("an incident is told once when it opens and once when it is resolved, signed", async () => {
  const { server, hook, fleet, fail } = await setUp();
  await fail();
  await fleet.sendAlerts();
  await fleet.rounds(3);
  await fleet.sendAlerts();
  server.be("healthy");
  await fleet.rounds(2);
  await fleet.sendAlerts();
  await fleet.sendAlerts();
  expect(idsOf(hook.got)).toEqual([`${id}.1.opened`, `${id}.1.resolved`]);
  const [first] = hook.got;
  expect(JSON.parse(first?.body ?? "")).toMatchObject({
    type: "incident.opened",
    data: { incidentId: `${id}.1`, instanceId: id, health: "failing", cause: "It answered with status 500." },
  });
  const secret = (await fleet.secrets.read("alert-webhook")) ?? "";
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  const { headers, body } = first ?? { headers: {}, body: "" };
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const expected = createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
    .update(signed)
    .digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
});

describe("a receiver that does not take it", () => {
  test.each([500, 302, 410])(
    "is asked again with the same id and bytes after a longer and longer pause (%i)",
    async (status) => {
      const { hook, fleet, fail } = await setUp();
      await fail();
      hook.answer(status);
      await fleet.sendAlerts();
      await fleet.sendAlerts();
      expect(hook.got).toHaveLength(1);
      fleet.advance(11);
      await fleet.sendAlerts();
      fleet.advance(11);
      await fleet.sendAlerts();
      expect(hook.got).toHaveLength(2);
      hook.answer(204);
      fleet.advance(10);
      await fleet.sendAlerts();
      expect(new Set(hook.got.map(({ body }) => body)).size).toBe(1);
      expect(new Set(idsOf(hook.got)).size).toBe(1);
      expect(await fleet.alerts.find(id, `${id}.1.opened`)).toMatchObject({ state: "sent", attempts: 3 });
    },
  );

  test("is given up after ten attempts, which operators see", async () => {
    const { hook, fleet, fail } = await setUp();
    await fail();
    hook.answer(503);
    for (let attempt = 0; attempt < 15; attempt += 1) {
      await fleet.sendAlerts();
      fleet.advance(3_601);
    }
    expect(hook.got).toHaveLength(10);
    expect(await fleet.alerts.failed(10)).toMatchObject([{ id: `${id}.1.opened`, attempts: 10, detail: "status 503" }]);
  });

  test("or hangs, costs a second and is asked again", async () => {
    const { hook, fleet, fail } = await setUp();
    await fail();
    hook.answer(0);
    await fleet.sendAlerts();
    expect(await fleet.alerts.find(id, `${id}.1.opened`)).toMatchObject({ state: "pending", detail: "TimeoutError" });
  });
});

test("that an incident is over is told after that it began was", async () => {
  const { server, hook, fleet, fail } = await setUp();
  await fail();
  hook.answer(503);
  await fleet.sendAlerts();
  server.be("healthy");
  await fleet.rounds(2);
  await fleet.sendAlerts();
  expect(new Set(idsOf(hook.got))).toEqual(new Set([`${id}.1.opened`]));
  const refused = hook.got.length;
  hook.answer(204);
  for (let round = 0; round < 6; round += 1) {
    fleet.advance(60);
    await fleet.sendAlerts();
  }
  expect(idsOf(hook.got).slice(refused)).toEqual([`${id}.1.opened`, `${id}.1.resolved`]);
});

test("senders that meet send it once", async () => {
  const { hook, fleet, fail } = await setUp();
  await fail();
  await Promise.all([fleet.sendAlerts(), fleet.sendAlerts(), fleet.sendAlerts()]);
  expect(hook.got).toHaveLength(1);
});

test("a sender that is killed before it noted the answer sends again, under the same id", async () => {
  const { hook, fleet, documents, fail } = await setUp();
  await fail();
  documents.dieAt(2, "before");
  await fleet.sendAlerts().catch(() => undefined);
  expect(documents.revive()).toBe(true);
  fleet.advance(11);
  await fleet.sendAlerts();
  expect(idsOf(hook.got)).toEqual([`${id}.1.opened`, `${id}.1.opened`]);
  expect(await fleet.alerts.find(id, `${id}.1.opened`)).toMatchObject({ state: "sent" });
});
