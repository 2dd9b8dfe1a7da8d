import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, askRaw, askUntil, type Question } from "./gateway-client.ts";
import type { ExpectedUpstream, Scenario } from "./gateway-scenario.ts";
import { scenarios } from "./gateway-scenarios.ts";
import type { TokenSpec } from "./gateway-stage.ts";
import { kongUrl, startLocal, startRealKong, type Stage } from "./gateway-stages.ts";
import { describeWebSockets } from "./gateway-websockets.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** Compares only the named headers; one that is expected as undefined must be absent. */
const expectHeaders = (seen: Headers | undefined, wanted: Headers = {}): void => {
  const named = Object.fromEntries(Object.keys(wanted).map((name) => [name, seen?.[name]]));
  expect(named).toEqual(wanted);
};

const describeGateway = (start: () => Promise<Stage>): void => {
  let stage: Stage;
  let count = 0;
  const nextId = () => `scenario-${process.pid}-${(count += 1)}`;
  beforeAll(async () => {
    stage = await start();
  });
  afterAll(async () => {
    await stage.stop();
  });

  const bearer = (spec?: TokenSpec): readonly [string, string] => [
    "Authorization",
    `Bearer ${stage.identityProvider.token(spec)}`,
  ];
  const send = (question: Question, token?: TokenSpec) =>
    ask(stage.url, {
      ...question,
      headers: [...(token === undefined ? [] : [bearer(token)]), ...(question.headers ?? [])],
    });

  const expectUpstream = (requestId: string, scenario: Scenario, expected: ExpectedUpstream) => {
    const seen = stage[expected.service].seen(requestId);
    expect(seen).toMatchObject({ method: scenario.method ?? "GET", url: expected.url, body: scenario.body ?? "" });
    expectHeaders(seen?.headers, expected.headers);
    expect(seen?.headerNames.filter((name) => name.includes("_"))).toEqual([]);
    expect(JSON.stringify(seen?.headers)).not.toMatch(/evil|203\.0\.113\.9/);
  };

  it.each(scenarios)("$title", async (scenario) => {
    const requestId = nextId();
    const { path, method = "GET", headers = [], body, isChunked } = scenario;
    const answer = await send(
      {
        path,
        method,
        headers: [["X-Request-ID", requestId], ...headers],
        ...(body === undefined ? {} : { body }),
        ...(isChunked === undefined ? {} : { isChunked }),
      },
      scenario.token,
    );
    expect(answer.status).toBe(scenario.status);
    expectHeaders(answer.headers, scenario.responseHeaders);
    if (scenario.code !== undefined) expect(JSON.parse(answer.body)).toMatchObject({ code: scenario.code });
    if (scenario.upstream === undefined) {
      const { functions, stack, simHost } = stage;
      expect([functions, stack, simHost].map(({ seen }) => seen(requestId))).toEqual([undefined, undefined, undefined]);
    } else expectUpstream(requestId, scenario, scenario.upstream);
  });

  it.each([
    ["two Content-Length", "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"],
    [
      "Content-Length with chunks",
      "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["an unknown transfer coding", "POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"],
    ["no Host", "GET /health HTTP/1.1\r\n\r\n"],
    ["two Host", "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    [
      "two Authorization",
      "GET /health HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    ],
    ["a folded header", "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n X-User-ID: evil\r\n\r\n"],
    ["a blank before the colon", "GET /health HTTP/1.1\r\nHost: a\r\nX-User-ID : evil\r\n\r\n"],
  ])("refuses a request with %s", async (_, bytes) => {
    expect(await askRaw(stage.url, bytes)).toMatch(/^HTTP\/1\.1 (?:4\d\d|501) /);
  });

  it.each([
    ["stack", "/stacks/acme/api/realtime"],
    ["simHost", "/v1/simulations/s1/events"],
  ] as const)("passes the events of a %s on as they come", async (service, path) => {
    const response = await fetch(`${stage.url}${path}`, {
      headers: Object.fromEntries([bearer()]),
      signal: AbortSignal.timeout(10_000),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("data: one\n\n");
    stage[service].sendSecondEvent();
    expect((await reader?.read())?.value).toBe("data: two\n\n");
    expect((await reader?.read())?.done).toBe(true);
  });

  describeWebSockets(() => stage);

  it("counts each user for itself and says when to come back", async () => {
    const launch = (sub: string) => send({ method: "POST", path: "/api/tenant/launch" }, { claims: { sub } });
    // Twice the limit and one more cannot fit into two windows.
    const answers = [];
    for (let n = 0; n < 121; n += 1) answers.push(await launch("greedy-user"));
    const refused = answers.find(({ status }) => status === 429);
    expect(answers[0]?.headers).toMatchObject({ "ratelimit-limit": "60", "ratelimit-remaining": "59" });
    expect(JSON.parse(refused?.body ?? "{}")).toMatchObject({ code: "rate-limited", status: 429 });
    expect(Number(refused?.headers["retry-after"])).toBeGreaterThan(0);
    expect((await launch("modest-user")).status).toBe(200);
  });

  it("accepts a new key of the issuer without a restart", async () => {
    stage.identityProvider.rotate();
    const question = () => send({ path: "/api/stack/context" }, {});
    expect((await askUntil(200, question, 15)).status).toBe(200);
  });

  it("asks the issuer a bounded number of times for 300 unknown keys", async () => {
    const before = stage.identityProvider.fetches();
    const one = (n: number) => send({ path: "/api/tenant" }, { header: { kid: `unknown-${n}` } });
    const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => one(n)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(stage.identityProvider.fetches() - before).toBeLessThanOrEqual(3);
  });

  it("goes on with the keys it has while the issuer is down, and says 503 about keys it cannot judge", async () => {
    stage.identityProvider.setDown(true);
    try {
      const unknown = () => send({ path: "/api/stack/context" }, { header: { kid: "not-seen-yet" } });
      const answer = await askUntil(503, unknown, 15);
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.body)).toMatchObject({ code: "identity-provider-unavailable" });
      expect((await send({ path: "/api/stack/context" }, {})).status).toBe(200);
    } finally {
      stage.identityProvider.setDown(false);
    }
  });
};

describe("the local gateway", () => {
  describeGateway(startLocal);
});

describe.skipIf(kongUrl === undefined)("a real Kong", () => {
  describeGateway(startRealKong);
});
