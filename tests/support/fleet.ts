import { randomUUID } from "node:crypto";
import { buildHealthServices } from "../../functions/health/health-services.ts";
import { httpProbeInstance } from "../../shared/adapters/http/probe-instance.ts";
import { httpSendWebhook } from "../../shared/adapters/http/send-webhook.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { ProbeInstance } from "../../shared/health/ports.ts";
import type { HealthReport } from "../../shared/health/report.ts";
import { signReport } from "../../shared/health/report-signature.ts";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
import type { Instance } from "../../shared/instances/instance.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import { openOperationLog } from "../../shared/operations/operation-log.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import { reportKeySecretName } from "../../shared/secrets/secret-store.ts";
import { anInstance, testContention } from "./builders.ts";

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

const memorySecrets = (): SecretStore & { readonly reads: () => number } => {
  const secrets = new Map<string, string>();
  let reads = 0;
  return {
    read: (name) => {
      reads += 1;
      return Promise.resolve(secrets.get(name));
    },
    createIfAbsent: (name, value) => {
      const stored = secrets.get(name) ?? value;
      secrets.set(name, stored);
      return Promise.resolve(stored);
    },
    remove: (name) => {
      secrets.delete(name);
      return Promise.resolve();
    },
    reads: () => reads,
  };
};

const fleetStart = Date.UTC(2026, 0, 1);

export interface FleetOptions {
  readonly alertUrl?: string;
  readonly documents?: DocumentStore;
  readonly probeMilliseconds?: number;
  /** Instead of real HTTP, where time itself is the matter. */
  readonly probe?: ProbeInstance;
}

/** The health services on a real (in-memory) document store and real HTTP; only the clock and the vault are ours. */
export const aFleet = ({
  alertUrl,
  documents = sqliteDocumentStore(":memory:"),
  probeMilliseconds = 300,
  probe = httpProbeInstance(probeMilliseconds),
}: FleetOptions = {}) => {
  let now = fleetStart;
  const clock = () => new Date(now);
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const secrets = memorySecrets();
  const instances = openInstanceStore(documents, testContention);
  const operations = openOperationLog(documents, clock, testContention);
  const services = buildHealthServices({
    documents,
    secrets,
    instances,
    operations,
    probe,
    sendWebhook: httpSendWebhook(1_000),
    clock,
    newId: randomUUID,
    sleep: (milliseconds) => new Promise<void>((wake) => sleepers.push({ at: now + milliseconds, wake })),
    contention: testContention,
    log: silent,
    alertUrl,
    scaleOutHeadroom: 5,
  });
  const key = (id: string): string => `key-of-${id}-0123456789abcdef0123456789`;
  const advance = (seconds: number): number => {
    now += seconds * 1000;
    const due = sleepers.filter(({ at }) => at <= now);
    sleepers.splice(0, sleepers.length, ...sleepers.filter(({ at }) => at > now));
    for (const { wake } of due) wake();
    return now;
  };
  const reportOf = (instanceId: string, change: Partial<HealthReport> = {}): HealthReport => ({
    instanceId,
    timestamp: clock().toISOString(),
    status: "healthy",
    metrics: { cpuPercent: 12.5, memoryPercent: 40, tenantCount: 3 },
    ...change,
  });
  return {
    ...services,
    instances,
    operations,
    secrets,
    documents,
    clock,
    advance,
    key,
    reportOf,
    addInstance: async (id: string, change: Partial<Instance> = {}): Promise<void> => {
      await instances.create(anInstance({ id, sortKey: id, ...change }));
      await secrets.createIfAbsent(reportKeySecretName(id), key(id));
    },
    /** Rounds, ten seconds apart; the first one now. */
    rounds: async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) {
        await services.watchInstances();
        advance(10);
      }
    },
    report: (instanceId: string, change: Partial<HealthReport> = {}): Promise<void> => {
      const body = JSON.stringify(reportOf(instanceId, change));
      return services.receiveReport({
        instanceId,
        body,
        signature: signReport(key(instanceId), Math.floor(now / 1000), body),
      });
    },
    one: async (id: string, span: "minutes" | "hours" | "days" = "minutes") => {
      const found = (await services.describeFleet(span)).instances.find((instance) => instance.id === id);
      if (found === undefined) throw new Error(`The fleet has no ${id}.`);
      return found;
    },
  };
};
