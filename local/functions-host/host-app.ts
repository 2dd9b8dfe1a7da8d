import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { AdminApi } from "./admin/admin-api.ts";
import { hasTrigger } from "./core/bindings.ts";
import { type LoadedApp, loadApp } from "./core/app-loader.ts";
import { AppInvoker } from "./core/invoker.ts";
import type { LogSink } from "./core/log.ts";
import type { FunctionInvoker, RegisteredFunction } from "./core/rpc.ts";
import { assertSupported } from "./core/supported.ts";
import { durableWebhook, findDurableFunctions, triggerBindingNames, withDurableClient } from "./durable-support.ts";
import { type DurableExtension, createDurableExtension } from "./durable/extension.ts";
import { httpFunctions } from "./http/http-functions.ts";
import { type RouteTable, buildRouteTable, byFunctionName } from "./http/route-table.ts";
import { type Authorization, keyAuthorization, openAuthorization } from "./keys/authorization.ts";
import { type KeySet, durableSystemKeyName } from "./keys/key-file.ts";
import { KeyRing } from "./keys/key-ring.ts";
import { hostLog } from "./log-output.ts";
import { dispatcher } from "./request-dispatch.ts";
import { type Environment, isFunctionDisabled } from "./settings/environment.ts";
import type { HostSettings } from "./settings/host-settings.ts";
import { withinTime } from "./core/time-limit.ts";
import { Triggers } from "./triggers.ts";

export interface HostAppOptions {
  readonly appDirectory: string;
  readonly entry: string | undefined;
  readonly dataDirectory: string;
  readonly environment: Environment;
  readonly settings: HostSettings;
  readonly keys: KeySet;
  readonly isAuthOn: boolean;
  /** Of this host, e.g. `http://127.0.0.1:1234`. */
  readonly origin: string;
  readonly queueLeaseSeconds: number;
  readonly log: LogSink;
}

const makeDurable = (app: LoadedApp, invoker: AppInvoker, options: HostAppOptions): DurableExtension | undefined => {
  const { functions } = app.registration;
  const names = findDurableFunctions([...functions.values()]);
  if (names === undefined) return undefined;
  return createDurableExtension({
    databaseFile: path.join(options.dataDirectory, "durable.sqlite"),
    hubName: options.settings.durableHubName,
    publicBaseUrl: () => options.origin,
    systemKey: options.keys.systemKeys[durableSystemKeyName] ?? "",
    invoker,
    functions: names,
    triggerBindingName: triggerBindingNames(functions),
    log: hostLog(options.log, "information"),
  });
};

const describeAll = (app: LoadedApp, routes: RouteTable, environment: Environment) =>
  [...app.registration.functions.values()].sort(byFunctionName).map((registered) => ({
    registered,
    route: routes.routes.find((route) => route.registered === registered),
    isDisabled: isFunctionDisabled(registered.name, environment),
  }));

/** What a stop may spend on requests and messages; the rest is for Durable and the app's own hooks. */
const shareForRequests = 0.7;
const leastForTerminateHooksMilliseconds = 500;

interface Parts {
  readonly app: LoadedApp;
  readonly functions: readonly RegisteredFunction[];
  readonly invoker: FunctionInvoker;
  readonly durable: DurableExtension | undefined;
  readonly triggers: Triggers;
}

const makeTriggers = (functions: readonly RegisteredFunction[], invoker: FunctionInvoker, options: HostAppOptions) =>
  new Triggers(functions, {
    environment: options.environment,
    invoker,
    timerStatusDirectory: path.join(options.dataDirectory, "timers"),
    queues: options.settings.queues,
    queueLeaseSeconds: options.queueLeaseSeconds,
    log: hostLog(options.log, "error"),
  });

/** Wires what comes in over HTTP: functions, admin API, webhooks, home page. */
const makeHandler = (parts: Parts, options: HostAppOptions): HostApp["handle"] => {
  const { app, functions, invoker, durable, triggers } = parts;
  const { settings, environment, origin } = options;
  const { bodyLimitBytes } = settings;
  const log = hostLog(options.log, "error");
  const routes = buildRouteTable(
    functions.filter((each) => hasTrigger(each, "httpTrigger")),
    settings.routePrefix,
  );
  const functionErrors = new Map([...routes.errors, ...triggers.errors]);
  for (const [name, error] of functionErrors) log(`The '${name}' function is in error: ${error}`);
  const authorization: Authorization = options.isAuthOn
    ? keyAuthorization(new KeyRing(options.keys))
    : openAuthorization;
  const disabled = new Set(functions.map((each) => each.name).filter((name) => isFunctionDisabled(name, environment)));
  const admin = new AdminApi({
    isAdmin: authorization.isAdmin,
    hostId: "local",
    origin,
    functions: describeAll(app, routes, environment),
    functionErrors,
    manualRuns: triggers.manualRuns,
    log,
  });
  return dispatcher({
    functions: httpFunctions({
      routes,
      invoker,
      bodyLimitBytes,
      isDisabled: (name) => disabled.has(name),
      authorize: authorization.forFunction,
      log,
    }),
    admin: admin.handle,
    durable: durable === undefined ? undefined : durableWebhook({ extension: durable, bodyLimitBytes, origin }),
    mayCallExtension: authorization.mayCallExtension,
    hasHomePage: (method) => routes.find(method, "") === undefined,
    isHomePageEmpty: /^true$/i.test(environment["AzureWebJobsDisableHomepage"] ?? ""),
    log,
  });
};

/** An app, loaded and wired to everything that can start its functions. */
export class HostApp {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly #app: LoadedApp;
  readonly #invoker: AppInvoker;
  readonly #durable: DurableExtension | undefined;
  readonly #triggers: Triggers;

  /** @throws when the app cannot be loaded or uses something this host does not do */
  static async load(options: HostAppOptions): Promise<HostApp> {
    const { appDirectory, entry, log } = options;
    const app = await loadApp({ appDirectory, entry, log });
    assertSupported(app.registration.functions.values());
    return new HostApp(app, options);
  }

  private constructor(app: LoadedApp, options: HostAppOptions) {
    const functions = [...app.registration.functions.values()];
    const own = new AppInvoker(app, options.settings);
    const durable = makeDurable(app, own, options);
    const invoker = durable === undefined ? own : withDurableClient(own, functions, () => durable.clientBindingData());
    const triggers = makeTriggers(functions, invoker, options);
    this.handle = makeHandler({ app, functions, invoker, durable, triggers }, options);
    this.#app = app;
    this.#invoker = own;
    this.#durable = durable;
    this.#triggers = triggers;
  }

  async start(): Promise<void> {
    await this.#durable?.start();
    await this.#triggers.start();
  }

  /**
   * Starts nothing more, waits for what runs, then ends the app; all within `limitMilliseconds`. Durable is stopped
   * after the requests, which may still be talking to it.
   */
  async stop(limitMilliseconds: number, requestsEnded: Promise<unknown>): Promise<void> {
    const deadline = Date.now() + limitMilliseconds;
    const remaining = (): number => Math.max(0, deadline - Date.now());
    await withinTime(Promise.all([this.#triggers.stop(), requestsEnded]), limitMilliseconds * shareForRequests);
    if (this.#durable !== undefined) await withinTime(this.#durable.stop(), remaining());
    await withinTime(this.#invoker.whenIdle(), remaining());
    await withinTime(this.#app.terminate(), Math.max(remaining(), leastForTerminateHooksMilliseconds));
  }
}
