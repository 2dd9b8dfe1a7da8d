import { join } from "node:path";
import { app } from "@azure/functions";
import { app as durable, input } from "durable-functions";
import { buildAdapters } from "./adapters.ts";
import { functionCatalog } from "./catalog.ts";
import { readSettings } from "./config.ts";
import { withErrorBoundary } from "./http/http-function.ts";
import { consoleLogger } from "./http/logger.ts";
import { orchestrator } from "./instances/provision-instance.names.ts";
import { provisionInstance, retireInstance } from "./instances/provision-instance.orchestrator.ts";
import { buildServices } from "./services.ts";

const settings = readSettings(process.env);
const assetsDirectory = join(process.cwd(), "dist/web/console");
const services = buildServices(settings, buildAdapters(settings), consoleLogger, assetsDirectory);
const catalog = functionCatalog(services);

const clientOf = (entry: { readonly startsWorkflows?: true }) =>
  entry.startsWorkflows === true ? { extraInputs: [input.durableClient()] } : {};

for (const entry of catalog.http) {
  app.http(entry.name, {
    route: entry.route,
    methods: [entry.method],
    authLevel: entry.access === "gateway" ? "function" : "anonymous",
    handler: withErrorBoundary(entry),
    ...clientOf(entry),
  });
}

for (const timer of catalog.timers) {
  app.timer(timer.name, {
    schedule: timer.schedule,
    handler: (_tick, context) => timer.run(context),
    ...clientOf(timer),
  });
}

for (const activity of catalog.activities) {
  durable.activity(activity.name, {
    handler: (value: unknown, context) => activity.run(value, context),
    ...clientOf(activity),
  });
}

durable.orchestration(orchestrator["provision-instance"], provisionInstance);
durable.orchestration(orchestrator["retire-instance"], retireInstance);
