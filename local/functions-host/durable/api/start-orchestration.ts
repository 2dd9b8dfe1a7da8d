import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { historyEvent } from "../history/history-event.ts";
import type { TaskHubStore } from "../store/task-hub-store.ts";
import type { InstanceRow } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";
import type { ApiAnswer, ApiRequest } from "./answers.ts";
import { errorAnswer, jsonAnswer } from "./answers.ts";
import type { LinkOptions } from "./links.ts";
import { managementLinks } from "./links.ts";
import { statusOf } from "./status.ts";

export interface StartOptions extends LinkOptions {
  readonly store: TaskHubStore;
  readonly orchestrators: readonly string[];
  /** Tells the engine of a new message. */
  readonly notify: (instanceId: string) => void;
  /** Nobody waits for an end any longer: the host stops. */
  readonly stopping: AbortSignal;
}

/** Seconds; as long as Azure's load balancer waits for an answer. */
const waitSecondsMax = 230;

/** Ids become part of URLs and of rows elsewhere (durable-extension: instance id rules). */
const isInstanceId = (id: string): boolean => /^(?!@)[^/\\?#\p{Cc}]{1,100}$/u.test(id);

export const isTrue = (query: URLSearchParams, name: string): boolean => query.get(name)?.toLowerCase() === "true";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const endAnswer = (row: InstanceRow, query: URLSearchParams): ApiAnswer => {
  const status = statusOf(row, false);
  if (row.status === "Completed") return jsonAnswer(200, status["output"]);
  const isError = row.status === "Failed" && isTrue(query, "returnInternalServerErrorOnFailure");
  return jsonAnswer(isError ? 500 : 200, status);
};

const waitForEnd = async (
  { store, stopping }: StartOptions,
  instanceId: string,
  query: URLSearchParams,
): Promise<ApiAnswer | undefined> => {
  const seconds = Math.min(waitSecondsMax, Number(query.get("timeout") ?? 10) || 10);
  const interval = Math.max(0.05, Number(query.get("pollingInterval") ?? 1) || 1);
  const deadline = performance.now() + seconds * 1000;
  while (!stopping.aborted) {
    const row = store.readInstance(instanceId);
    if (row !== undefined && isTerminal(row.status)) return endAnswer(row, query);
    if (performance.now() + interval * 1000 > deadline) return undefined;
    await sleep(interval * 1000, undefined, { signal: stopping }).catch(() => undefined);
  }
  return undefined;
};

/** `POST orchestrators/{name}[/{id}]`: 202 with links; 400 for what cannot be started; 409 while the id is in use. */
export const startOrchestration = async (
  options: StartOptions,
  name: string,
  id: string | undefined,
  request: ApiRequest,
): Promise<ApiAnswer> => {
  const instanceId = id ?? randomUUID().replaceAll("-", "");
  if (!isInstanceId(instanceId)) return errorAnswer(400, `The instance id '${instanceId}' is not allowed.`);
  if (!options.orchestrators.includes(name)) return errorAnswer(400, `There is no orchestrator function '${name}'.`);
  const text = request.body.toString("utf8");
  if (text !== "" && !isJson(text)) return errorAnswer(400, "The input is not JSON.");
  const at = new Date().toISOString();
  const started = {
    ...{ instanceId, name, parent: null, executionId: randomUUID(), version: request.query.get("version") ?? "" },
    input: text === "" ? null : text,
  };
  if (!options.store.create(started, at, historyEvent.executionStarted(at, started))) {
    return errorAnswer(409, `An orchestration with the id '${instanceId}' is already under way.`);
  }
  options.notify(instanceId);
  const links = managementLinks(request.origin, instanceId, options);
  const ended = request.query.has("timeout") ? await waitForEnd(options, instanceId, request.query) : undefined;
  const location = links["statusQueryGetUri"] ?? "";
  return ended ?? jsonAnswer(202, links, { location, "retry-after": "10" });
};
