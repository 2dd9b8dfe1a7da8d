import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestPocketBase } from "../../local/pocketbase/test-pocketbase.ts";
import { waitUntil } from "../../local/process/wait-until.ts";
import { aSpace, connect, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { startReportReceiver, type ReportReceiver } from "./support/report-receiver.ts";
import { ask, startInstance } from "./support/stack-instance.ts";

const key = "kfQ0b5rQ8m1xv7uW2nJ4sT6yZ9aC3eG5iK7lM0oP1qR";

/** The moment within the minute at which an instance reports, in milliseconds; the same sum as in report.js. */
const momentOf = (name: string): number =>
  Number.parseInt(createHash("sha256").update(name).digest("hex").slice(0, 8), 16) % 20_000;

/** One whose moment comes at once, so that the test need not wait for it. */
const instanceId = Array.from({ length: 2000 }, (_, index) => `stack-${index}`).find((name) => momentOf(name) < 100)!;

interface ReportOutcome {
  readonly outcome: string;
  readonly httpStatus: number | null;
  readonly report: unknown;
}

const tokenOf = async (server: TestPocketBase): Promise<string> =>
  (await connect(server.url).collection("_superusers").authWithPassword(server.email, server.password)).token;

const requestReport = async (
  server: TestPocketBase,
  token: string,
): Promise<{ readonly status: number; readonly body: ReportOutcome }> => {
  const response = await fetch(`${server.url}/api/kombify/report`, {
    method: "POST",
    headers: { authorization: token },
  });
  return { status: response.status, body: (await response.json()) as ReportOutcome };
};

const aText: unknown = expect.any(String);
const aNumber: unknown = expect.any(Number);

const count = (text: string, part: string): number => text.split(part).length - 1;

describe("an instance that reports", () => {
  let receiver: ReportReceiver;
  let test: TestStack;
  let token: string;

  beforeAll(async () => {
    receiver = await startReportReceiver();
    test = await startTestStack({
      env: {
        KOMBIFY_INSTANCE_NAME: instanceId,
        KOMBIFY_REPORT_URL: receiver.url,
        KOMBIFY_REPORT_KEY: key,
        KOMBIFY_VERSION: "1.2.3",
      },
    });
    token = await tokenOf(test.server);
  });

  afterAll(async () => {
    await test.server.stop();
    await receiver.close();
  });

  it("sends what it is and how it is, signed", async () => {
    await test.stack.createTenantSpace(aSpace("first"));
    await test.stack.createTenantSpace(aSpace("second"));
    const before = Date.now();
    const { status, body } = await requestReport(test.server, token);
    expect({ status, outcome: body.outcome, httpStatus: body.httpStatus }).toEqual({
      status: 200,
      outcome: "delivered",
      httpStatus: 202,
    });
    // By what it says: the minute may end here, and the instance report by itself.
    const sent = receiver.received.find((one) => isDeepStrictEqual(JSON.parse(one.body), body.report))!;
    expect(sent).toMatchObject({
      method: "POST",
      path: "/api/internal/instances/stack-1/health",
      contentType: "application/json",
    });
    const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/u.exec(sent.signature)!;
    expect(signature).toBe(createHmac("sha256", key).update(`${seconds}.${sent.body}`).digest("hex"));
    expect(Math.abs(Number(seconds) * 1000 - before)).toBeLessThan(5000);
    const report = JSON.parse(sent.body) as { readonly timestamp: string; readonly metrics: Record<string, number> };
    expect(report).toEqual({
      instanceId,
      timestamp: aText,
      status: "healthy",
      metrics: { cpuPercent: aNumber, memoryPercent: aNumber, tenantCount: 2 },
      version: "1.2.3",
      checks: { database: "ok", storage: "ok", memory: "ok" },
    });
    expect(body.report).toEqual(report);
    expect(new Date(report.timestamp).toISOString()).toBe(report.timestamp);
    for (const name of ["cpuPercent", "memoryPercent"]) {
      expect(report.metrics[name]).toBeGreaterThan(0);
      expect(report.metrics[name]).toBeLessThanOrEqual(100);
    }
  });

  it("does so every minute by itself, at its own moment", async () => {
    const crons = await test.root.crons.getFullList();
    expect(crons).toContainEqual({ id: "kombify-report", expression: "* * * * *" });
    const before = receiver.received.length;
    await test.root.crons.run("kombify-report");
    expect(await waitUntil(() => receiver.received.length > before, 5000)).toBe(true);
  });

  it("lets nobody but superusers ask for one", async () => {
    const space = aSpace("curious");
    await test.stack.createTenantSpace(space);
    const session = await test.stack.openSession({
      tenantId: space.tenantId,
      namespace: space.namespace,
      sub: "sub-1",
      isOrganisationAdmin: true,
    });
    const userToken = session.kind === "opened" ? session.session.token : "";
    expect((await requestReport(test.server, "")).status).toBe(401);
    expect((await requestReport(test.server, userToken)).status).toBe(403);
  });

  it("says once that the control plane refuses, once that it is well again, and never the key", async () => {
    receiver.answer = 500;
    for (let time = 1; time <= 3; time += 1) {
      const { status, body } = await requestReport(test.server, token);
      expect({ status, outcome: body.outcome, httpStatus: body.httpStatus }).toEqual({
        status: 502,
        outcome: "refused",
        httpStatus: 500,
      });
    }
    receiver.answer = 202;
    await requestReport(test.server, token);
    await requestReport(test.server, token);
    const log = readFileSync(test.server.logPath, "utf8");
    expect(count(log, "the health report fails")).toBe(1);
    expect(log).toContain("the control plane answered 500");
    expect(count(log, "the health report works again")).toBe(1);
    expect(log).not.toContain(key);
  });

  it("serves as always while the control plane keeps it waiting", async () => {
    receiver.answer = "never";
    const before = receiver.received.length;
    const start = performance.now();
    // More at once than there are JavaScript machines in PocketBase's pool.
    const reports = Array.from({ length: 20 }, () => requestReport(test.server, token));
    expect(await waitUntil(() => receiver.received.length >= before + 20, 4000)).toBe(true);
    for (const path of ["/health", "/ready"] as const) {
      const { httpStatus, milliseconds } = await ask(test.server, path);
      expect(httpStatus).toBe(200);
      expect(milliseconds).toBeLessThan(2000);
    }
    expect((await test.root.collection("_tenants").getList(1, 1)).page).toBe(1);
    expect(performance.now() - start, "served before the first report gave up").toBeLessThan(5000);
    for (const { status, body } of await Promise.all(reports)) {
      expect({ status, outcome: body.outcome }).toEqual({ status: 502, outcome: "unreachable" });
    }
    expect(performance.now() - start).toBeLessThan(9000);
    receiver.answer = 202;
    expect((await requestReport(test.server, token)).status).toBe(200);
    expect(readFileSync(test.server.logPath, "utf8")).not.toContain(key);
  });
});

describe("an instance that cannot report", () => {
  const name = { KOMBIFY_INSTANCE_NAME: instanceId };

  const wrong = [
    { what: "nothing is set", env: () => ({}), said: 0 },
    { what: "the key is missing", env: (url: string) => ({ ...name, KOMBIFY_REPORT_URL: url }), said: 1 },
    {
      what: "the key is short",
      env: (url: string) => ({ ...name, KOMBIFY_REPORT_URL: url, KOMBIFY_REPORT_KEY: "s3cret-short" }),
      said: 1,
    },
    {
      what: "the URL is none",
      env: () => ({ ...name, KOMBIFY_REPORT_URL: "stack.test/x", KOMBIFY_REPORT_KEY: key }),
      said: 1,
    },
    { what: "it has no name", env: (url: string) => ({ KOMBIFY_REPORT_URL: url, KOMBIFY_REPORT_KEY: key }), said: 1 },
  ];

  it.each(wrong)("stays silent when $what", async ({ env, said }) => {
    const receiver = await startReportReceiver();
    const settings = env(receiver.url);
    const server = await startInstance(settings);
    try {
      const token = await tokenOf(server);
      for (let time = 1; time <= 2; time += 1) {
        const { status, body } = await requestReport(server, token);
        expect({ status, body }).toEqual({ status: 409, body: { outcome: "off", httpStatus: null, report: null } });
      }
      expect((await ask(server, "/health")).body.status).toBe("healthy");
      expect(receiver.received).toEqual([]);
      const log = readFileSync(server.logPath, "utf8");
      expect(count(log, "the health report fails")).toBe(said);
      expect(log).not.toContain(key);
      expect(log).not.toContain("s3cret-short");
    } finally {
      await server.stop();
      await receiver.close();
    }
  });
});
