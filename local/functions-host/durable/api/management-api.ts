import { historyEvent } from "../protocol/history-event.ts";
import type { InstanceFilter, InstanceRow, TurnMessage } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";
import type { ApiAnswer, ApiRequest } from "./answers.ts";
import { emptyAnswer, errorAnswer, jsonAnswer } from "./answers.ts";
import { managementLinks } from "./links.ts";
import type { StartOptions } from "./start-orchestration.ts";
import { startOrchestration } from "./start-orchestration.ts";
import { historyOf, statusOf } from "./status.ts";

const pageDefault = 100;
const purgeMax = 1000;
const isTrue = (query: URLSearchParams, name: string): boolean => query.get(name)?.toLowerCase() === "true";

const filterOf = ({ query, headers }: ApiRequest, limit: number): InstanceFilter => {
  const iso = (name: string): string | undefined => {
    const value = query.get(name);
    return value === null || value === "" ? undefined : new Date(value).toISOString();
  };
  const [createdFrom, createdTo] = [iso("createdTimeFrom"), iso("createdTimeTo")];
  const statuses = query
    .get("runtimeStatus")
    ?.split(",")
    .filter((status) => status !== "");
  const prefix = query.get("instanceIdPrefix");
  const after = headers["x-ms-continuation-token"];
  return {
    limit,
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(statuses === undefined || statuses.length === 0 ? {} : { statuses }),
    ...(prefix === null ? {} : { prefix }),
    ...(after === undefined || after === "" ? {} : { after: Buffer.from(after, "base64url").toString("utf8") }),
  };
};

const getStatus = (options: StartOptions, row: InstanceRow, { query, origin }: ApiRequest): ApiAnswer => {
  const withInput = query.get("showInput")?.toLowerCase() !== "false";
  const status = statusOf(row, withInput);
  const history = isTrue(query, "showHistory")
    ? { historyEvents: historyOf(options.store.readHistory(row.instanceId), isTrue(query, "showHistoryOutput")) }
    : {};
  if (!isTerminal(row.status)) {
    const location = managementLinks(origin, row.instanceId, options)["statusQueryGetUri"] ?? "";
    return jsonAnswer(202, { ...status, ...history }, { location, "retry-after": "5" });
  }
  const isError = row.status === "Failed" && isTrue(query, "returnInternalServerErrorOnFailure");
  return jsonAnswer(isError ? 500 : 200, { ...status, ...history });
};

const list = (options: StartOptions, request: ApiRequest): ApiAnswer => {
  const limit = Number(request.query.get("top") ?? pageDefault) || pageDefault;
  const rows = options.store.listInstances(filterOf(request, limit));
  const last = rows.length === limit ? rows.at(-1)?.instanceId : undefined;
  const token = last === undefined ? "" : Buffer.from(last, "utf8").toString("base64url");
  return jsonAnswer(
    200,
    rows.map((row) => statusOf(row, true)),
    { "x-ms-continuation-token": token },
  );
};

const purgeMany = (options: StartOptions, request: ApiRequest): ApiAnswer => {
  if (!request.query.has("createdTimeFrom")) return errorAnswer(400, "createdTimeFrom is needed.");
  const rows = options.store.listInstances(filterOf(request, purgeMax));
  const instancesDeleted = rows.filter(({ instanceId }) => options.store.purge(instanceId)).length;
  return instancesDeleted === 0 ? emptyAnswer(404) : jsonAnswer(200, { instancesDeleted });
};

const tell = (options: StartOptions, row: InstanceRow, message: TurnMessage): ApiAnswer => {
  if (isTerminal(row.status)) return emptyAnswer(410);
  options.store.send({ instanceId: row.instanceId, executionId: null, visibleAt: 0, message });
  options.wake();
  return emptyAnswer(202);
};

const raiseEvent = (options: StartOptions, row: InstanceRow, name: string, request: ApiRequest): ApiAnswer => {
  const text = request.body.toString("utf8");
  try {
    if (!(request.headers["content-type"] ?? "").startsWith("application/json")) throw new TypeError("not JSON");
    JSON.parse(text);
  } catch {
    return errorAnswer(400, "Send the event's data as application/json.");
  }
  return tell(options, row, { kind: "event", event: historyEvent.eventRaised(new Date().toISOString(), name, text) });
};

interface InstanceCall {
  readonly options: StartOptions;
  readonly row: InstanceRow;
  readonly request: ApiRequest;
  /** What stands behind the operation in the path: the name of an event. */
  readonly name: string;
}

const reasonOf = ({ query }: ApiRequest): string => query.get("reason") ?? "";

const purgeOne = ({ options, row: { instanceId } }: InstanceCall): ApiAnswer =>
  options.store.purge(instanceId) ? jsonAnswer(200, { instancesDeleted: 1 }) : emptyAnswer(404);

const suspend = ({ options, row, request }: InstanceCall): ApiAnswer =>
  row.status === "Suspended"
    ? errorAnswer(500, "It is suspended already.")
    : tell(options, row, { kind: "suspend", reason: reasonOf(request) });

const resume = ({ options, row, request }: InstanceCall): ApiAnswer =>
  row.status === "Running"
    ? errorAnswer(500, "It is not suspended.")
    : tell(options, row, { kind: "resume", reason: reasonOf(request) });

const instanceCalls: Readonly<Record<string, (call: InstanceCall) => ApiAnswer>> = {
  "GET ": ({ options, row, request }) => getStatus(options, row, request),
  "DELETE ": purgeOne,
  "POST raiseEvent": ({ options, row, request, name }) => raiseEvent(options, row, name, request),
  "POST terminate": ({ options, row, request }) => tell(options, row, { kind: "terminate", reason: reasonOf(request) }),
  "POST suspend": suspend,
  "POST resume": resume,
  "POST rewind": () => errorAnswer(501, "rewind is not supported locally."),
  "POST restart": () => errorAnswer(501, "restart is not supported locally."),
};

const onInstance = (options: StartOptions, rest: readonly string[], request: ApiRequest): ApiAnswer => {
  const [instanceId = "", operation = "", name = ""] = rest;
  const row = options.store.readInstance(instanceId);
  const call = instanceCalls[`${request.method} ${operation}`];
  return row === undefined || call === undefined ? emptyAnswer(404) : call({ options, row, request, name });
};

/** Answers one call of the Durable management API (durable-extension: HttpApiHandler.cs). */
export const manage = async (options: StartOptions, request: ApiRequest): Promise<ApiAnswer> => {
  const [room = "", ...rest] = request.path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const [name = "", id] = rest;
  switch (room) {
    case "orchestrators":
      return request.method === "POST" && name !== ""
        ? startOrchestration(options, name, id, request)
        : emptyAnswer(404);
    case "instances":
      if (rest.length > 0) return onInstance(options, rest, request);
      if (request.method === "GET") return list(options, request);
      return request.method === "DELETE" ? purgeMany(options, request) : emptyAnswer(404);
    case "entities":
      return errorAnswer(501, "Durable entities are not supported locally.");
    default:
      return emptyAnswer(404);
  }
};
