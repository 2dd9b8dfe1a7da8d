import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { buildHealthServices } from "../functions/health/health-services.ts";
import { httpProbeInstance } from "../shared/adapters/http/probe-instance.ts";
import { httpSendWebhook } from "../shared/adapters/http/send-webhook.ts";
import { fileSecretStore } from "../shared/adapters/files/secret-store.ts";
import { sqliteDocumentStore } from "../shared/adapters/sqlite/document-store.ts";
import { openInstanceStore } from "../shared/instances/instance-store.ts";
import type { Instance } from "../shared/instances/instance.ts";
import { consoleLogger } from "../functions/http/logger.ts";
import { openOperationLog } from "../shared/operations/operation-log.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const instancesCount = 200;
const hangingCount = 20;
const timeoutMilliseconds = 3_000;
const pool = "westeurope.shared";
const health = JSON.stringify({ status: "healthy", version: "0.40.4", checks: { database: "ok" } });

const startServer = (isHanging: boolean): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((_request, response) => {
      if (!isHanging) response.setHeader("content-type", "application/json").end(health);
    });
    server.listen(0, "127.0.0.1", () => resolve(server));
  });

const urlOf = (server: Server): string => {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
};

const stop = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });

const anInstance = (index: number, internalEndpoint: string): Instance => ({
  id: `stack-westeurope-${index}`,
  pool,
  region: "westeurope",
  mode: "SHARED",
  status: "active",
  capacity: 50,
  used: 0,
  slots: {},
  internalEndpoint,
  version: "0.40.4",
  health: "unknown",
  failure: null,
  operationId: "operation",
  createdAt: "2026-01-01T00:00:00.000Z",
  sortKey: String(index).padStart(6, "0"),
  deadlineAt: "2026-01-01T00:30:00.000Z",
});

const openFleet = (directory: string) => {
  const documents = sqliteDocumentStore(join(directory, "documents.sqlite"));
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);
  const contention = { attemptsMax: 60, pauseMillisecondsMax: 200, random: Math.random, sleep: pause };
  // Rounds are as far apart as the timer's, by the clock; while a round runs, the clock does so too.
  let ahead = 0;
  const clock = (): Date => new Date(Date.now() + ahead);
  const instances = openInstanceStore(documents, contention);
  const { watchInstances } = buildHealthServices({
    documents,
    secrets: fileSecretStore(join(directory, "secrets")),
    instances,
    operations: openOperationLog(documents, clock, contention),
    probe: httpProbeInstance(timeoutMilliseconds),
    sendWebhook: httpSendWebhook(timeoutMilliseconds),
    clock,
    newId: randomUUID,
    sleep: pause,
    contention,
    log: { ...consoleLogger, info: () => undefined },
    alertUrl: "http://127.0.0.1:1/",
    scaleOutHeadroom: 5,
  });
  const round = async (): Promise<void> => {
    ahead += 10_000;
    await watchInstances();
  };
  return { documents, instances, round };
};

/**
 * One round over 200 instances (real HTTP servers in this process), of which 20 never answer: everything that is read,
 * judged and written (SQLite, synced), against the timeout of a single probe.
 */
export const healthRound = (): Pair => ({
  name: "Health round, 200 instances, 20 hang",
  bound: { kind: "ratio", max: 1.2 },
  measured: "one round",
  baseline: "one probe's timeout",
  rounds: 7,
  warmUp: 1,
  open: async () => {
    const directory = await mkdtemp(join(tmpdir(), "kombify-bench-health-"));
    const servers = await Promise.all(
      Array.from({ length: instancesCount }, (_, index) => startServer(index % (instancesCount / hangingCount) === 0)),
    );
    const { documents, instances, round } = openFleet(directory);
    for (const [index, server] of servers.entries()) await instances.create(anInstance(index, urlOf(server)));
    const hanging = servers[0];
    if (hanging === undefined) throw new Error("There is no server.");
    const probe = httpProbeInstance(timeoutMilliseconds);
    return {
      measure: () => timed(round),
      compare: () => timed(() => probe(urlOf(hanging), "hanging")),
      close: async () => {
        await documents.close();
        await Promise.all(servers.map(stop));
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
