import type { IncomingMessage, ServerResponse } from "node:http";
import { hasTrigger, inputBindingNames, triggerBinding } from "./core/bindings.ts";
import type { FunctionInvoker, RegisteredFunction, RpcTypedData } from "./core/rpc.ts";
import type { DurableExtension } from "./durable/extension.ts";
import type { RequestTarget } from "./http/request-path.ts";
import { readBody } from "./http/request-body.ts";
import { endEmpty } from "./http/response.ts";

export const durableWebhookPath = "/runtime/webhooks/durabletask";

export interface DurableNames {
  readonly orchestrators: readonly string[];
  readonly activities: readonly string[];
}

/** The app's orchestrators and activities; undefined when it has nothing to do with Durable Functions. */
export const findDurableFunctions = (functions: readonly RegisteredFunction[]): DurableNames | undefined => {
  const named = (trigger: string): readonly string[] =>
    functions.filter((each) => hasTrigger(each, trigger)).map((each) => each.name);
  const names = { orchestrators: named("orchestrationTrigger"), activities: named("activityTrigger") };
  const isUsed =
    names.orchestrators.length > 0 ||
    names.activities.length > 0 ||
    functions.some((each) => inputBindingNames(each, "durableClient").length > 0);
  return isUsed ? names : undefined;
};

export const triggerBindingNames = (functions: ReadonlyMap<string, RegisteredFunction>) => {
  return (functionName: string): string => {
    const registered = functions.get(functionName);
    if (registered === undefined) throw new Error(`The app has no function "${functionName}".`);
    return triggerBinding(registered).name;
  };
};

/** Adds the durable client to the inputs of functions that ask for one. */
export const withDurableClient = (
  inner: FunctionInvoker,
  functions: readonly RegisteredFunction[],
  clientData: () => string,
): FunctionInvoker => {
  const clientBindings = new Map<string, readonly string[]>();
  for (const each of functions) {
    const names = inputBindingNames(each, "durableClient");
    if (names.length > 0) clientBindings.set(each.name, names);
  }
  return {
    invoke: (functionName, inputs, triggerMetadata) => {
      const names = clientBindings.get(functionName);
      if (names === undefined) return inner.invoke(functionName, inputs, triggerMetadata);
      const all: Record<string, RpcTypedData> = { ...inputs };
      for (const name of names) all[name] = { string: clientData() };
      return inner.invoke(functionName, all, triggerMetadata);
    },
  };
};

const flatHeaders = (request: IncomingMessage): Record<string, string> => {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(",");
  }
  return flat;
};

export interface WebhookOptions {
  readonly extension: Pick<DurableExtension, "handleRequest">;
  readonly bodyLimitBytes: number;
  readonly origin: string;
}

/** Passes a request below `/runtime/webhooks/durabletask` on to the extension; the caller has checked the key. */
export const durableWebhook = ({ extension, bodyLimitBytes, origin }: WebhookOptions) => {
  return async (request: IncomingMessage, response: ServerResponse, target: RequestTarget): Promise<void> => {
    const body = await readBody(request, bodyLimitBytes);
    if (body.kind === "too-large") {
      response.setHeader("connection", "close");
      endEmpty(response, 413);
      return;
    }
    if (body.kind === "aborted") return;
    const { host } = request.headers;
    const answer = await extension.handleRequest({
      method: request.method ?? "GET",
      path: target.path.slice(durableWebhookPath.length),
      query: new URLSearchParams(target.search),
      headers: flatHeaders(request),
      body: body.bytes,
      origin: host === undefined ? origin : `http://${host}`,
    });
    response.statusCode = answer.status;
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    response.end(answer.body);
  };
};
