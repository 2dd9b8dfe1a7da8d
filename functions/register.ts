import { app as functions } from "@azure/functions";
import { app as durable, input } from "durable-functions";
import type { FunctionCatalog } from "./catalog.ts";
import { publishFlagsOrchestrator } from "./flags/publish-flags.names.ts";
import { publishFlags } from "./flags/publish-flags.orchestrator.ts";
import { orchestrator } from "./instances/provision-instance.names.ts";
import { provisionInstance, retireInstance } from "./instances/provision-instance.orchestrator.ts";
import type { FunctionManifest } from "./manifest.ts";
import { migrateCatalogOrchestrator } from "./tools/migrate-catalog.names.ts";
import { migrateCatalog } from "./tools/migrate-catalog.orchestrator.ts";

export type OpenApp = () => Promise<FunctionCatalog>;

const clientOf = (entry: { readonly startsWorkflows?: true }) =>
  entry.startsWorkflows === true ? { extraInputs: [input.durableClient()] } : {};

const named = <T extends { readonly name: string }>(entries: readonly T[], name: string): T => {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`${name} is registered, but the app has no such function.`);
  return entry;
};

/** Registers what the manifest lists. The app behind it is opened once, by whichever call needs it first. */
export const registerFunctions = ({ http, timers, queues, activities }: FunctionManifest, openApp: OpenApp): void => {
  for (const entry of http) {
    functions.http(entry.name, {
      route: entry.route,
      methods: [entry.method],
      authLevel: entry.access === "gateway" ? "function" : "anonymous",
      handler: async (request, context) => named((await openApp()).http, entry.name).handler(request, context),
      ...clientOf(entry),
    });
  }
  for (const timer of timers) {
    functions.timer(timer.name, {
      schedule: timer.schedule,
      handler: async (_tick, context) => named((await openApp()).timers, timer.name).run(context),
      ...clientOf(timer),
    });
  }
  for (const { name, queue } of queues) {
    functions.storageQueue(name, {
      queueName: queue,
      connection: "AzureWebJobsStorage",
      handler: async (message, context) => named((await openApp()).queues, name).run(message, context),
    });
  }
  for (const activity of activities) {
    durable.activity(activity.name, {
      handler: async (value: unknown, context) =>
        named((await openApp()).activities, activity.name).run(value, context),
      ...clientOf(activity),
    });
  }
  // Replayed in one go, so never loaded on demand.
  durable.orchestration(orchestrator["provision-instance"], provisionInstance);
  durable.orchestration(orchestrator["retire-instance"], retireInstance);
  durable.orchestration(migrateCatalogOrchestrator, migrateCatalog);
  durable.orchestration(publishFlagsOrchestrator, publishFlags);
};
