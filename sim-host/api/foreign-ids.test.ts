import { beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import { aRunHost } from "../../tests/support/run-host.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, gatewayKey, json, runningId, signedBy, threeTiers, yaml } from "../../tests/support/sim-api.ts";
import { runRoutes } from "./runs.route.ts";

interface Row {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stranger is answered like anybody: nothing of anybody's is in it. */
  readonly isEverybodys?: true;
}

const topology: Row = { body: threeTiers, headers: yaml };
const jsonBody = (body: unknown): Row => ({ body: JSON.stringify(body), headers: json });
const plain: Row = {};
const everybodys: Row = { isEverybodys: true };
const one = "/v1/simulations/:id";
const node = `${one}/nodes/:node`;

/** What every route is asked with, so that nothing but the id is wrong. A route without a row fails the tests. */
const rows: Readonly<Record<string, Row>> = {
  "GET /v1/simulations": everybodys,
  "POST /v1/simulations": { ...everybodys, ...topology },
  "POST /v1/simulations/validate": { ...everybodys, ...topology },
  "GET /v1/simulations/images": everybodys,
  "GET /v1/simulations/schema": everybodys,
  [`GET ${one}`]: plain,
  [`DELETE ${one}`]: plain,
  ...Object.fromEntries(["start", "stop", "pause", "resume", "restart"].map((each) => [`POST ${one}/${each}`, plain])),
  [`POST ${one}/extend`]: jsonBody({ minutes: 1 }),
  [`GET ${one}/operations/:operation`]: plain,
  [`GET ${one}/topology`]: plain,
  [`PUT ${one}/topology`]: { body: threeTiers, headers: { ...yaml, "if-match": '"1"' } },
  [`POST ${one}/plan`]: topology,
  ...Object.fromEntries(["svg", "mmd", "dot"].map((ending) => [`GET ${one}/topology.${ending}`, plain])),
  ...Object.fromEntries(
    ["start", "stop", "pause", "resume", "restart", "kill"].map((each) => [`POST ${node}/${each}`, plain]),
  ),
  [`PATCH ${one}/links/:link`]: jsonBody({ isDown: true }),
  [`GET ${one}/events`]: plain,
  [`GET ${node}/logs`]: plain,
  [`GET ${node}/stats`]: plain,
  [`POST ${node}/terminal`]: jsonBody({}),
  [`POST ${node}/exec`]: jsonBody({ command: ["id"] }),
  [`POST ${one}/links/:link/captures`]: jsonBody({ node: "web" }),
  [`GET ${one}/saves`]: plain,
  [`POST ${one}/saves`]: plain,
  [`GET ${one}/saves/:save`]: plain,
  [`DELETE ${one}/saves/:save`]: plain,
  [`POST ${one}/saves/:save/restore`]: plain,
  [`GET ${one}/runs`]: plain,
  [`POST ${one}/runs`]: plain,
  [`GET ${one}/runs/:run`]: plain,
  [`GET ${one}/runs/:run/report`]: plain,
  [`POST ${one}/runs/:run/cancel`]: plain,
  [`GET ${one}/runs/:run/captures/:name`]: plain,
};
/** Reached without a token: by everybody through the gateway, with a ticket, or by who runs the host. */
const unsigned = ["/schemas/simulation/v1.json", "/v1/simulation-terminals", "/health", "/ready", "/metrics"];

let api: TestApi;
let registered: string[] = [];
let [own, foreign] = ["", ""];
let changes = 0;

beforeEach(async () => {
  [registered, changes] = [[], 0];
  const host = aRunHost();
  api = buildApi(() => ({}), [runRoutes(host.runs)], host);
  api.app.addHook("onRoute", ({ method, url }) => void registered.push(`${String(method)} ${url}`));
  own = await runningId(api);
  foreign = await runningId(api, "gil");
  api.host.engine.onCall = () => (changes += 1);
});

const names = {
  node: "web",
  link: "front",
  operation: "op-none",
  save: "save-none",
  run: "run-none",
  name: "a.pcap",
} as const;
const send = (route: string, params: Readonly<Record<string, string>>, headers = signedBy("ada")) => {
  const [method, pattern = ""] = route.split(" ");
  const all: Readonly<Record<string, string>> = { ...names, ...params };
  const url = pattern.replaceAll(/:(\w+)/g, (_, name: string) => all[name] ?? "");
  const row = rows[route] ?? plain;
  return api.app.inject({
    ...{ method: method as "GET", url, headers: { ...headers, ...row.headers } },
    ...(row.body === undefined ? {} : { body: row.body }),
  });
};
const bodyOf = (answer: Awaited<ReturnType<typeof send>>): unknown => {
  const { requestId: _, ...rest } = answer.json<Record<string, unknown>>();
  return rest;
};
const routes = Object.keys(rows);
const ofOne = routes.filter((route) => route.includes(":id"));

test("every route that is registered has a row here", () => {
  const signed = registered.filter((route) => !unsigned.some((path) => route === `GET ${path}`));
  expect(signed.sort()).toEqual([...routes].sort());
});

describe.each(routes)("%s", (route) => {
  test("lets in nobody without a token, past the gateway, or of a tenant that is suspended", async () => {
    const { [`authorization`]: _, ...anonymous } = signedBy("ada");
    const answers = [
      await send(route, { id: own }, anonymous),
      await send(route, { id: own }, { authorization: "Bearer ada" }),
      await send(route, { id: own }, signedBy("ada", { "x-user-id": "gil" })),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401]);
    api.refusals.set("acme", new DomainError("tenant-suspended", "No."));
    expect((await send(route, { id: own })).statusCode).toBe(403);
    expect(changes).toBe(0);
  });
});

/** As they stand in a path. */
const hostile = [
  "..%2Fnetworks%2Fbridge",
  "..%2f..%2f..%2fetc%2fpasswd",
  "%2F%2Fhost%2Fx",
  "x%3Fforce%3D1%23",
  "x%0d%0aHost:%20evil",
  "%00",
  "%E2%80%AE",
  "__proto__",
  "constructor",
  "%27%20OR%201%3D1--",
  "*",
  "a".repeat(10_000),
];

describe.each(ofOne)("%s", (route) => {
  test("answers for somebody else's simulation as for one that never was, whatever its id", async () => {
    const unknown = await send(route, { id: "sim-aaaaaaaaaaaaaaaaaaaa" });
    expect(unknown.statusCode).toBe(404);
    expect(bodyOf(unknown)).toMatchObject({ code: "simulation-not-found" });
    for (const id of [foreign, ...hostile]) {
      const answer = await send(route, { id });
      expect([answer.statusCode, bodyOf(answer), answer.headers["content-type"]]).toEqual([
        404,
        bodyOf(unknown),
        unknown.headers["content-type"],
      ]);
    }
    expect(changes).toBe(0);
    expect(api.host.services.get(await standingOfGil(), foreign).status).toBe("running");
  });

  test("finds nothing of somebody else's below the own simulation", async () => {
    for (const name of Object.keys(names).filter((each) => route.includes(`:${each}`))) {
      for (const value of ["db2", foreign, ...hostile]) {
        const answer = await send(route, { id: own, [name]: value });
        expect([answer.statusCode, String(answer.headers["content-type"])]).toEqual([404, "application/problem+json"]);
      }
    }
    expect(changes).toBe(0);
  });

  test("is not there without an id, or with one that leads elsewhere", async () => {
    for (const id of ["", "..", "../networks/bridge", "%2e%2e", "x?force=1", "a/b"]) {
      expect((await send(route, { id })).statusCode).toBe(404);
    }
    expect(changes).toBe(0);
  });
});

const standingOfGil = () =>
  api.deps.tenants.standingOf({ sub: "gil", orgId: "globex", isOperator: false, isOrganisationAdmin: false });

test("no operation of somebody else's is shown", async () => {
  const stopped = await api.app.inject({
    method: "POST",
    url: `/v1/simulations/${foreign}/stop`,
    headers: signedBy("gil"),
  });
  const { operation } = stopped.json<{ operation: { id: string } }>();
  for (const id of [own, foreign]) {
    expect((await send(`GET ${one}/operations/:operation`, { id, operation: operation.id })).statusCode).toBe(404);
  }
});

test("a simulation of somebody else's takes about as long to refuse as one that never was", async () => {
  const times = { foreign: [] as number[], unknown: [] as number[] };
  for (let n = 0; n < 400; n += 1) {
    const kind = n % 2 === 0 ? "foreign" : "unknown";
    const begunAt = performance.now();
    await send(`GET ${one}`, { id: kind === "foreign" ? foreign : "sim-aaaaaaaaaaaaaaaaaaaa" });
    times[kind].push(performance.now() - begunAt);
  }
  const [one_, other] = Object.values(times).map((each) => each.sort((a, b) => a - b)[each.length >> 1] ?? 0);
  expect(Math.max(one_!, other!) / Math.min(one_!, other!)).toBeLessThan(1.5);
});

test("the list and its pages hold nothing of somebody else's", async () => {
  const ids = async (query: string): Promise<readonly string[]> => {
    const answer = await api.app.inject({ url: `/v1/simulations${query}`, headers: signedBy("ada") });
    return answer.json<{ simulations: { id: string }[] }>().simulations.map(({ id }) => id);
  };
  expect(await ids("")).toEqual([own]);
  const gils = await api.app.inject({ url: "/v1/simulations?limit=1", headers: signedBy("gil") });
  expect(gils.json()).toMatchObject({ simulations: [{ id: foreign }] });
  for (const after of [
    foreign,
    "x",
    "%27",
    "9999-12-31T23:59:59.999Z%2F~",
    Buffer.from('["9","9"]').toString("base64url"),
  ]) {
    const answer = await api.app.inject({ url: `/v1/simulations?after=${after}`, headers: signedBy("ada") });
    expect([200, 400]).toContain(answer.statusCode);
    expect(answer.body).not.toContain(foreign);
  }
});

test("the gateway's key alone opens nothing but the schema", async () => {
  for (const route of routes) {
    expect((await send(route, { id: own }, { "x-kombify-gateway-key": gatewayKey })).statusCode).toBe(401);
  }
});
