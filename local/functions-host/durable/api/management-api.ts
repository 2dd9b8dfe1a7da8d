import { historyEvent } from "../history/history-event.ts";
import type { InstanceFilter, InstanceRow, TurnMessage } from "../store/records.ts";
import { isTerminal } from "../store/records.ts";
import type { ApiAnswer, ApiRequest } from "./answers.ts";
import { BadRequest, emptyAnswer, errorAnswer, jsonAnswer, unsupportedAnswer } from "./answers.ts";
import { managementLinks } from "./links.ts";
import type { StartOptions } from "./start-orchestration.ts";
import { isTrue, startOrchestration } from "./start-orchestration.ts";
import { historyOf, statusOf } from "./status.ts";

const pageDefault = 100;
const pageMax = 1000;
const ended = ["Completed", "Failed", "Terminated"];

const isoOf = (query: URLSearchParams, name: string): string | undefined => {
  const value = query.get(name);
  if (value === null || value === "") return undefined;
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw new BadRequest(`${name} is not a date.`);
  return date.toISOString();
};

const filterOf = ({ query }: ApiRequest, limit: number): InstanceFilter => {
  const [createdFrom, createdTo] = [isoOf(query, "createdTimeFrom"), isoOf(query, "createdTimeTo")];
  const statuses = (query.get("runtimeStatus") ?? "").split(",").filter((status) => status !== "");
  const prefix = query.get("instanceIdPrefix");
  return {
    limit,
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(statuses.length === 0 ? {} : { statuses }),
    ...(prefix === null ? {} : { prefix }),
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
  const top = Math.trunc(Number(request.query.get("top") ?? pageDefault));
  if (!(top >= 1)) throw new BadRequest("top is not a number of instances.");
  const limit = Math.min(top, pageMax);
  const after = Buffer.from(request.headers["x-ms-continuation-token"] ?? "", "base64url").toString("utf8");
  const rows = options.store.listInstances({ ...filterOf(request, limit + 1), after });
  const page = rows.slice(0, limit);
  const token = rows.length > limit ? Buffer.from(page.at(-1)?.instanceId ?? "", "utf8").toString("base64url") : "";
  const withInput = request.query.get("showInput")?.toLowerCase() !== "false";
  return jsonAnswer(
    200,
    page.map((row) => statusOf(row, withInput)),
    { "x-ms-continuation-token": token },
  );
};

const purgeMany = (options: StartOptions, request: ApiRequest): ApiAnswer => {
  if (!request.query.has("createdTimeFrom")) throw new BadRequest("createdTimeFrom is needed.");
  const { statuses = ended, ...filter } = filterOf(request, pageMax);
  const wanted = { ...filter, statuses: statuses.filter((status) => ended.includes(status)) };
  let instancesDeleted = 0;
  for (;;) {
    const rows = options.store.listInstances(wanted);
    const purged = rows.filter(({ instanceId }) => options.store.purge(instanceId));
    instancesDeleted += purged.length;
    if (rows.length < pageMax || purged.length === 0) break;
  }
  return instancesDeleted === 0 ? emptyAnswer(404) : jsonAnswer(200, { instancesDeleted });
};

const tell = (options: StartOptions, row: InstanceRow, message: TurnMessage): ApiAnswer => {
  if (isTerminal(row.status)) return emptyAnswer(410);
  options.store.send({ instanceId: row.instanceId, executionId: null, visibleAt: 0, message });
  options.notify(row.instanceId);
  return emptyAnswer(202);
};

const raiseEvent = (options: StartOptions, row: InstanceRow, name: string, request: ApiRequest): ApiAnswer => {
  if (name === "") return emptyAnswer(404);
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
  "POST rewind": () => unsupportedAnswer("Rewind is"),
  "POST restart": () => unsupportedAnswer("Restart is"),
};

const onInstance = (options: StartOptions, rest: readonly string[], request: ApiRequest): ApiAnswer => {
  const [instanceId = "", operation = "", name = ""] = rest;
  const row = options.store.readInstance(instanceId);
  const call = instanceCalls[`${request.method} ${operation}`];
  return row === undefined || call === undefined ? emptyAnswer(404) : call({ options, row, request, name });
};

const partsOf = (path: string): readonly string[] => {
  try {
    return path
      .split("/")
      .filter((part) => part !== "")
      .map((part) => decodeURIComponent(part));
  } catch {
    throw new BadRequest("The path is not encoded correctly.");
  }
};

const route = async (options: StartOptions, request: ApiRequest): Promise<ApiAnswer> => {
  const [room = "", ...rest] = partsOf(request.path);
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
      return unsupportedAnswer("Durable entities are");
    default:
      return emptyAnswer(404);
  }
};

/** Answers one call of the Durable management API (durable-extension: HttpApiHandler.cs). */
export const manage = async (options: StartOptions, request: ApiRequest): Promise<ApiAnswer> => {
  try {
    return await route(options, request);
  } catch (error) {
    if (error instanceof BadRequest) return errorAnswer(400, error.message);
    throw error;
  }
};
