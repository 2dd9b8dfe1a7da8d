import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hubDirectory, raiseIn, startIn } from "../fixtures/task-hub.ts";
import { historyEvent } from "../history/history-event.ts";
import type { InstanceRow, RuntimeStatus } from "../store/records.ts";
import { TaskHubStore } from "../store/task-hub-store.ts";
import type { ApiAnswer } from "./answers.ts";
import { manage } from "./management-api.ts";

const hub = hubDirectory();
const store = new TaskHubStore(hub.file);
const notified: string[] = [];
const stopping = new AbortController();
const options = {
  stopping: stopping.signal,
  ...{ store, hubName: "testhub", systemKey: "a b&c", orchestrators: ["flow"] },
  notify: (instanceId: string) => void notified.push(instanceId),
};
const base = "http://127.0.0.1:7071/runtime/webhooks/durabletask/instances";

interface Call {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
const call = (what: string, { headers = {}, body = "" }: Call = {}): Promise<ApiAnswer> => {
  const [method = "", target = ""] = what.split(" ");
  const [path = "", query] = target.split("?");
  const origin = "http://127.0.0.1:7071";
  return manage(options, { method, path, query: new URLSearchParams(query), headers, body: Buffer.from(body), origin });
};
const json = { "content-type": "application/json" };
const bodyOf = ({ body }: ApiAnswer): unknown => JSON.parse(body ?? "null");

/** An instance with this status, as a turn would leave it. */
const leave = (instanceId: string, status: RuntimeStatus, members: Partial<InstanceRow> = {}): void => {
  startIn(store, instanceId, "flow", { instanceId });
  const row = store.readInstance(instanceId);
  if (row === undefined) throw new Error("not created");
  store.commit({
    ...{ consumed: [], isNewExecution: false, messages: [], activities: [], children: [] },
    instance: { ...row, status, ...members },
    history: [
      historyEvent.orchestratorStarted(row.createdAt),
      historyEvent.taskScheduled("2030-01-01T00:00:00.000Z", 0, "work"),
      historyEvent.taskCompleted("2030-01-01T00:00:01.000Z", 0, "42"),
    ],
  });
};

beforeAll(() => {
  leave("running", "Running");
  leave("suspended", "Suspended");
  leave("completed", "Completed", { output: '{"a":1}', createdAt: "2030-01-02T03:04:05.678Z" });
  leave("failed", "Failed", { output: "broken" });
});
afterAll(() => {
  store.close();
  hub.remove();
});

describe("statuses", () => {
  it.each([
    ["GET /instances/running", 202],
    ["GET /instances/suspended", 202],
    ["GET /instances/completed", 200],
    ["GET /instances/failed", 200],
    ["GET /instances/failed?returnInternalServerErrorOnFailure=true", 500],
    ["GET /instances/nobody", 404],
    ["POST /instances/nobody/terminate", 404],
    ["POST /instances/running/terminate?reason=enough", 202],
    ["POST /instances/completed/terminate", 410],
    ["POST /instances/running/suspend", 202],
    ["POST /instances/suspended/suspend", 500],
    ["POST /instances/completed/suspend", 410],
    ["POST /instances/suspended/resume", 202],
    ["POST /instances/running/resume", 500],
    ["POST /instances/running/dance", 404],
    ["POST /instances/running/raiseEvent", 404],
    ["POST /instances/failed/rewind?reason=try", 501],
    ["POST /instances/failed/restart", 501],
    ["GET /entities/counter/one", 501],
    ["POST /entities/counter/one?op=add", 501],
    ["GET /entities", 501],
    ["DELETE /instances/running", 404],
    ["DELETE /instances", 400],
    ["DELETE /instances/?createdTimeFrom=2050-01-01", 404],
    ["GET /instances/?createdTimeFrom=yesterday", 400],
    ["GET /instances/?top=none", 400],
    ["GET /instances/%E0%A4%A", 400],
    ["GET /elsewhere", 404],
    ["POST /orchestrators/nobody", 400],
    ["POST /orchestrators/flow/a%2Fb", 400],
    ["POST /orchestrators/flow/@a", 400],
    [`POST /orchestrators/flow/${"x".repeat(101)}`, 400],
    ["POST /orchestrators/flow/running", 409],
    ["GET /orchestrators/flow", 404],
  ])("%s answers %i", async (what, status) => {
    expect((await call(what)).status).toBe(status);
  });

  it("says in plain text what is not supported, because the SDK shows that only", async () => {
    expect(await call("POST /instances/failed/rewind")).toMatchObject({ body: "Rewind is not supported locally." });
  });
});

describe("a status", () => {
  it("has every member that the SDK insists on, and whole seconds", async () => {
    expect(bodyOf(await call("GET /instances/completed"))).toEqual({
      ...{ name: "flow", instanceId: "completed", runtimeStatus: "Completed", input: { instanceId: "completed" } },
      ...{ customStatus: null, output: { a: 1 } },
      ...{ createdTime: "2030-01-02T03:04:05Z", lastUpdatedTime: "1970-01-01T00:00:00Z" },
    });
  });

  it("leaves out the input on request", async () => {
    expect(bodyOf(await call("GET /instances/completed?showInput=false"))).toMatchObject({ input: null });
  });

  it("shows a history for people, with results only on request", async () => {
    const event = {
      ...{ EventType: "TaskCompleted", TaskScheduledId: 0, Timestamp: "2030-01-01T00:00:01.000Z" },
      ...{ ScheduledTime: "2030-01-01T00:00:00.000Z", FunctionName: "work" },
    };
    expect(bodyOf(await call("GET /instances/completed?showHistory=true"))).toMatchObject({ historyEvents: [event] });
    const full = bodyOf(await call("GET /instances/completed?showHistory=true&showHistoryOutput=true"));
    expect(full).toMatchObject({ historyEvents: [{ ...event, Result: 42 }] });
  });

  it("of a running instance says where to ask again", async () => {
    const { headers } = await call("GET /instances/running");
    const location = `${base}/running?taskHub=testhub&connection=Storage&code=a%20b%26c`;
    expect(headers).toMatchObject({ location, "retry-after": "5" });
  });
});

describe("raising an event", () => {
  const raise = "POST /instances/suspended/raiseEvent/go";
  it.each([
    { name: "JSON", call: { headers: json, body: '{"a":1}' }, status: 202 },
    {
      name: "JSON with a charset",
      call: { headers: { "content-type": "application/json; charset=utf-8" }, body: "1" },
      status: 202,
    },
    { name: "text", call: { headers: { "content-type": "text/plain" }, body: "1" }, status: 400 },
    { name: "broken JSON", call: { headers: json, body: "{" }, status: 400 },
    { name: "nothing", call: { headers: json }, status: 400 },
  ])("with $name answers $status", async ({ call: what, status }) => {
    expect((await call(raise, what)).status).toBe(status);
  });

  it("for an instance that has ended answers 410", async () => {
    expect((await call("POST /instances/completed/raiseEvent/go", { headers: json, body: "1" })).status).toBe(410);
  });
});

describe("starting", () => {
  it("answers with links, keeps the version and tells the engine", async () => {
    const answer = await call("POST /orchestrators/flow/new?version=1.2", { headers: json, body: '{"b":2}' });
    expect(answer.status).toBe(202);
    expect(bodyOf(answer)).toMatchObject({
      id: "new",
      terminatePostUri: `${base}/new/terminate?reason={text}&taskHub=testhub&connection=Storage&code=a%20b%26c`,
    });
    expect(store.readInstance("new")).toMatchObject({ version: "1.2", inputJson: '{"b":2}', status: "Pending" });
    expect(notified).toContain("new");
  });

  it("refuses an input that is not JSON", async () => {
    expect((await call("POST /orchestrators/flow", { body: "{" })).status).toBe(400);
  });

  it("waits for the end on request, and no longer than asked", async () => {
    const answer = await call("POST /orchestrators/flow/slow?timeout=0.2&pollingInterval=0.05", { body: "1" });
    expect(answer).toMatchObject({ status: 202 });
    const ending = call("POST /orchestrators/flow/quick?timeout=5&pollingInterval=0.05", { body: "1" });
    const row = store.readInstance("quick");
    if (row === undefined) throw new Error("not created");
    store.commit({
      ...{ consumed: [], isNewExecution: false, messages: [], activities: [], children: [], history: [] },
      instance: { ...row, status: "Completed", output: "[1]" },
    });
    expect(await ending).toMatchObject({ status: 200, body: "[1]" });
  });

  it("waits no longer when the host stops", async () => {
    const waiting = call("POST /orchestrators/flow/cut?timeout=200&pollingInterval=100", { body: "1" });
    stopping.abort();
    expect(await waiting).toMatchObject({ status: 202 });
  });
});

describe("lists", () => {
  beforeAll(() => {
    for (const index of [0, 1, 2, 3, 4]) {
      const createdAt = `2040-01-0${index + 1}T00:00:00.000Z`;
      leave(`page-${index}`, index % 2 === 0 ? "Completed" : "Running", { createdAt, output: "1" });
    }
  });
  const idsOf = async (query: string, token = ""): Promise<readonly string[]> => {
    const { body } = await call(`GET /instances/?${query}`, { headers: { "x-ms-continuation-token": token } });
    return (JSON.parse(body ?? "") as { instanceId: string }[]).map(({ instanceId }) => instanceId);
  };

  it.each([
    ["instanceIdPrefix=page-", [0, 1, 2, 3, 4]],
    ["instanceIdPrefix=page-&runtimeStatus=Running", [1, 3]],
    ["instanceIdPrefix=page-&runtimeStatus=Running,Completed", [0, 1, 2, 3, 4]],
    ["instanceIdPrefix=page-&createdTimeFrom=2040-01-03", [2, 3, 4]],
    ["instanceIdPrefix=page-&createdTimeTo=2040-01-02", [0, 1]],
    ["instanceIdPrefix=PAGE-", []],
    ["instanceIdPrefix=%25", []],
  ])("%s", async (query, indexes) => {
    expect(await idsOf(query)).toEqual(indexes.map((index) => `page-${index}`));
  });

  it("come in pages, and the last one has no token", async () => {
    const first = await call("GET /instances/?instanceIdPrefix=page-&top=3");
    const token = first.headers["x-ms-continuation-token"] ?? "";
    expect(token).not.toBe("");
    expect(await idsOf("instanceIdPrefix=page-&top=3", token)).toEqual(["page-3", "page-4"]);
    const last = await call("GET /instances/?instanceIdPrefix=page-&top=2", {
      headers: { "x-ms-continuation-token": token },
    });
    expect(last.headers["x-ms-continuation-token"]).toBe("");
  });

  it("purge by filter takes only what has ended", async () => {
    raiseIn(store, "page-1", "go", 1);
    const answer = await call("DELETE /instances/?createdTimeFrom=2040-01-01&createdTimeTo=2041-01-01");
    expect(bodyOf(answer)).toEqual({ instancesDeleted: 3 });
    expect(await idsOf("instanceIdPrefix=page-")).toEqual(["page-1", "page-3"]);
  });
});
