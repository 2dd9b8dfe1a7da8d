import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildApi, signedBy, yaml } from "../../tests/support/sim-api.ts";
import { aRunHost, aThreeTierLab } from "../../tests/support/run-host.ts";
import { reportHeaders } from "../runs/report/report-style.ts";
import { runRoutes } from "./runs.route.ts";

const lab = aThreeTierLab({
  name: "Lab <script>alert(1)</script>",
  timeline: [{ kind: "link", link: "front", state: "down", atSeconds: 1, forSeconds: 1 }],
  assertions: [
    {
      ...{ name: "web & friends", expect: "always", fromSeconds: 0, untilSeconds: 1 },
      probe: { kind: "tcp", from: "client", to: "web", port: 80 },
    },
  ],
});

describe("the routes of runs", () => {
  let host: ReturnType<typeof aRunHost>;
  let api: ReturnType<typeof buildApi>;
  let base: string;

  const call = (method: "GET" | "POST", path: string, token = "ada") =>
    api.app.inject({ method, url: `${base}${path}`, headers: signedBy(token) });
  const start = async (): Promise<string> => {
    const answer = await call("POST", "/runs");
    expect(answer.statusCode).toBe(202);
    return answer.json<{ id: string }>().id;
  };

  beforeEach(async () => {
    host = aRunHost();
    const { services, engine, links, runs } = host;
    api = buildApi(
      () => ({ services, engine, links, lastRunOf: (standing, id) => runs.newest(standing, id) }),
      [runRoutes(runs)],
    );
    const headers = signedBy("ada", yaml);
    const url = "/v1/simulations?start=true";
    const made = await api.app.inject({ method: "POST", url, headers, body: JSON.stringify(lab) });
    const { id } = made.json<{ simulation: { id: string } }>().simulation;
    base = `/v1/simulations/${id}`;
    await host.reconciler.settled("tenant-acme", id);
  });
  afterEach(async () => {
    await host.runs.close();
    await api.app.close();
  });

  it("start a run and say where it is", async () => {
    const answer = await call("POST", "/runs");
    const run = answer.json<{ id: string }>();
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe(`${base}/runs/${run.id}`);
    expect(run).toMatchObject({ status: "running", durationSeconds: 2, seed: 1 });
    expect(Object.keys(run)).not.toEqual(expect.arrayContaining(["tenantId"]));
    expect(answer.body).not.toContain("standing");
    const again = await call("POST", "/runs");
    expect([again.statusCode, again.json<{ code: string }>().code]).toEqual([409, "simulation-state"]);
  });

  it("show a run as it is now, and in lists and the simulation what came of it", async () => {
    const id = await start();
    await host.time.playTo(1_000);
    const now = (await call("GET", `/runs/${id}`)).json<{ assertions: { probes: unknown[] }[] }>();
    expect(now.assertions[0]?.probes).toHaveLength(1);
    await host.time.playTo(3_000);
    const assertions = { passed: 1, failed: 0, notProbed: 0 };
    expect((await call("GET", "/runs")).json()).toMatchObject({ runs: [{ id, status: "passed", assertions }] });
    expect((await call("GET", "")).json()).toMatchObject({ runs: { last: { id, status: "passed" } } });
  });

  it("compare a run with an earlier one", async () => {
    const earlier = await start();
    await call("POST", `/runs/${earlier}/cancel`);
    const later = await start();
    await host.time.playTo(5_000);
    const answer = await call("GET", `/runs/${later}?compare=${earlier}`);
    expect(answer.json()).toMatchObject({
      earlier: { id: earlier, status: "cancelled" },
      later: { id: later, status: "passed" },
      isSameTopology: true,
    });
    expect((await call("GET", `/runs/${later}?compare=run-none`)).statusCode).toBe(404);
    expect((await call("GET", `/runs/${later}?other=1`)).statusCode).toBe(400);
  });

  it("cancel a run", async () => {
    const id = await start();
    expect((await call("POST", `/runs/${id}/cancel`)).json()).toMatchObject({ id, status: "cancelled" });
    expect((await call("POST", `/runs/${id}/cancel`)).statusCode).toBe(200);
  });

  it("show the report as a page on which nothing of the topology is markup", async () => {
    const id = await start();
    await host.time.playTo(3_000);
    const answer = await call("GET", `/runs/${id}/report`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ ...reportHeaders, "cache-control": "no-store" });
    expect(answer.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri/,
    );
    expect(answer.body).toContain("<h1>Lab &lt;script&gt;alert(1)&lt;/script&gt;</h1>");
    expect(answer.body).toContain("web &amp; friends");
    expect(answer.body).not.toContain("<script");
  });

  it("know no run or capture that is not there, and nothing of another tenant's", async () => {
    const id = await start();
    for (const path of ["/runs/run-none", "/runs/run-none/report", `/runs/${id}/captures/front-client.pcap`]) {
      expect([path, (await call("GET", path)).statusCode]).toEqual([path, 404]);
    }
    expect((await call("GET", `/runs/${id}/captures/..%2f..%2fsimulations.sqlite`)).statusCode).toBe(404);
    const paths = ["", `/${id}`, `/${id}/report`, `/${id}/captures/front-client.pcap`].map((path) => `/runs${path}`);
    for (const path of paths) expect([path, (await call("GET", path, "gil")).statusCode]).toEqual([path, 404]);
    for (const path of ["/runs", `/runs/${id}/cancel`]) {
      expect([path, (await call("POST", path, "gil")).statusCode]).toEqual([path, 404]);
    }
    expect((await call("GET", `/runs/${id}`)).json()).toMatchObject({ status: "running" });
  });
});
