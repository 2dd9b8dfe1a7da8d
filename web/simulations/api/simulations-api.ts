import { fetchJson, fetchOk } from "../../console/api/fetch-json.ts";
import type { HistoryApi } from "./history-api.ts";
import { historyApi } from "./history-api.ts";
import type {
  Assessment,
  ChangePlan,
  Direction,
  Impairment,
  Operation,
  Simulation,
  SimulationList,
  Ticket,
} from "./simulation-shapes.ts";
import {
  readAccepted,
  readAssessment,
  readList,
  readOperation,
  readPlan,
  readSimulation,
  readTicket,
} from "./simulation-shapes.ts";

export const simulationActions = ["start", "stop", "pause", "resume", "restart"] as const;
export type SimulationAction = (typeof simulationActions)[number];
export type NodeAction = SimulationAction | "kill";

/** What is not named stays as it is. */
export interface LinkChange {
  readonly isDown?: boolean;
  /** Of every direction. */
  readonly impairment?: Impairment;
  readonly directions?: readonly Direction[];
}

/** A topology as it was written, and the revision it was read at. */
export interface Written {
  readonly text: string;
  readonly etag: string;
}

/** A stream of events that goes on after `lastId`, until the signal. */
export type OpenStream = (lastId: string | undefined, signal: AbortSignal) => Promise<Response>;

/** Simulations as one person sees them. Everything throws `ApiError`. */
export interface SimulationsApi extends HistoryApi {
  readonly list: (after?: string) => Promise<SimulationList>;
  readonly get: (id: string) => Promise<Simulation>;
  readonly validate: (text: string) => Promise<Assessment>;
  /** The key makes a repeated request find what the first one began. */
  readonly create: (text: string, start: boolean, idempotencyKey: string) => Promise<Simulation>;
  readonly topology: (id: string) => Promise<Written>;
  readonly plan: (id: string, text: string) => Promise<ChangePlan>;
  /** 412 when the simulation was changed since `etag`. */
  readonly change: (id: string, written: Written) => Promise<Simulation>;
  readonly control: (id: string, action: SimulationAction) => Promise<Simulation>;
  readonly remove: (id: string) => Promise<Simulation>;
  readonly extend: (id: string, minutes: number) => Promise<Simulation>;
  readonly operation: (id: string, operation: string) => Promise<Operation>;
  readonly controlNode: (id: string, node: string, action: NodeAction) => Promise<Simulation>;
  readonly changeLink: (id: string, link: string, change: LinkChange) => Promise<Simulation>;
  readonly capture: (id: string, link: string, node: string, seconds: number) => Promise<Blob>;
  readonly terminalTicket: (id: string, node: string, columns: number, rows: number) => Promise<Ticket>;
  readonly events: (id: string) => OpenStream;
  readonly logs: (id: string, node: string) => OpenStream;
  readonly stats: (id: string, node: string) => OpenStream;
}

const root = "/v1/simulations";
const yaml = { "content-type": "application/yaml" } as const;
/** Beyond the capture itself. */
const captureSlackMilliseconds = 20_000;

type Call = (path: string, init?: RequestInit) => Promise<Response>;

const at = (id: string, ...parts: readonly string[]): string =>
  [root, encodeURIComponent(id), ...parts.map(encodeURIComponent)].join("/");

const partsApi = (call: Call, json: (path: string, method: string, body?: unknown) => Promise<unknown>) => ({
  controlNode: async (id: string, node: string, action: NodeAction) =>
    readAccepted(await json(at(id, "nodes", node, action), "POST")).simulation,
  changeLink: async (id: string, link: string, change: LinkChange) =>
    readSimulation(await json(at(id, "links", link), "PATCH", change)),
  capture: async (id: string, link: string, node: string, seconds: number) => {
    const answer = await call(at(id, "links", link, "captures"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ node, seconds }),
      signal: AbortSignal.timeout(seconds * 1000 + captureSlackMilliseconds),
    });
    return answer.blob();
  },
  terminalTicket: async (id: string, node: string, columns: number, rows: number) =>
    readTicket(await json(at(id, "nodes", node, "terminal"), "POST", { columns, rows })),
});

const streamsApi = (call: Call) => {
  const stream =
    (path: string): OpenStream =>
    (lastId, signal) => {
      const headers = { accept: "text/event-stream", ...(lastId === undefined ? {} : { "last-event-id": lastId }) };
      return call(path, { headers, signal });
    };
  return {
    events: (id: string) => stream(at(id, "events")),
    logs: (id: string, node: string) => stream(`${at(id, "nodes", node, "logs")}?follow=true&tail=200`),
    stats: (id: string, node: string) => stream(at(id, "nodes", node, "stats")),
  };
};

export const simulationsApi = (accessToken: string): SimulationsApi => {
  const authorization = `Bearer ${accessToken}`;
  const withToken = (init: RequestInit): RequestInit => {
    const headers = new Headers(init.headers);
    headers.set("authorization", authorization);
    return { ...init, headers };
  };
  const call: Call = (path, init = {}) => fetchOk(path, withToken(init));
  const json = (path: string, method = "GET", body?: unknown): Promise<unknown> =>
    fetchJson(
      path,
      withToken(
        body === undefined
          ? { method }
          : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      ),
    );
  const send = (path: string, method: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetchJson(path, withToken({ method, headers: { ...yaml, ...headers }, body }));
  return {
    list: async (after) =>
      readList(await json(`${root}${after === undefined ? "" : `?${new URLSearchParams({ after })}`}`)),
    get: async (id) => readSimulation(await json(at(id))),
    validate: async (text) => readAssessment(await send(`${root}/validate`, "POST", text)),
    create: async (text, start, key) =>
      readAccepted(await send(`${root}?start=${start}`, "POST", text, { "idempotency-key": key })).simulation,
    topology: async (id) => {
      const answer = await call(at(id, "topology"));
      return { text: await answer.text(), etag: answer.headers.get("etag") ?? "" };
    },
    plan: async (id, text) => readPlan(await send(at(id, "plan"), "POST", text)),
    change: async (id, { text, etag }) =>
      readAccepted(await send(at(id, "topology"), "PUT", text, { "if-match": etag })).simulation,
    control: async (id, action) => readAccepted(await json(at(id, action), "POST")).simulation,
    remove: async (id) => readAccepted(await json(at(id), "DELETE")).simulation,
    extend: async (id, minutes) => readSimulation(await json(at(id, "extend"), "POST", { minutes })),
    operation: async (id, operation) => readOperation(await json(at(id, "operations", operation))),
    ...partsApi(call, json),
    ...streamsApi(call),
    ...historyApi({ call, json, at }),
  };
};
