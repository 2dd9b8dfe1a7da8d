import type { HttpRequest, InvocationContext } from "@azure/functions";
import azure from "@azure/functions";
import { describe, expect, test } from "vitest";
import { aCaller } from "../../tests/support/builders.ts";
import { aFleet } from "../../tests/support/fleet.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { signReport } from "../../shared/health/report-signature.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { operatorOnly } from "../http/read-caller.ts";
import { fleetHttp } from "./fleet.http.ts";
import { acknowledgeIncidentHttp, listIncidentsHttp, resolveIncidentHttp } from "./incidents.http.ts";
import { createMaintenanceHttp, deleteMaintenanceHttp, listMaintenanceHttp } from "./maintenance.http.ts";
import { reportHealthHttp } from "./report.http.ts";

const id = "stack-westeurope-1";
const context = { error: () => undefined } as unknown as InvocationContext;

const entriesFor = (isOperator: boolean) => {
  const fleet = aFleet();
  const readOperator = operatorOnly(() => Promise.resolve(aCaller({ isOperator })));
  const deps = { ...fleet, readOperator };
  const admin = [
    fleetHttp(deps),
    listIncidentsHttp(deps),
    acknowledgeIncidentHttp(deps),
    resolveIncidentHttp(deps),
    listMaintenanceHttp(deps),
    createMaintenanceHttp(deps),
    deleteMaintenanceHttp(deps),
  ];
  return { fleet, admin, report: reportHealthHttp(fleet) };
};

interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const call = async (entry: HttpFunction, { params = {}, query = {}, headers = {}, body }: Sent = {}) => {
  const request: HttpRequest = new azure.HttpRequest({
    method: entry.method,
    url: `http://functions.internal/${entry.route}`,
    params,
    query,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: { string: body } }),
  });
  const answer = await withErrorBoundary(entry)(request, context);
  if (typeof answer !== "object" || !("status" in answer)) throw new Error("There is no answer.");
  const text = "body" in answer && typeof answer.body === "string" ? answer.body : "{}";
  return { status: answer.status, body: JSON.parse(text) as unknown };
};

describe("the operators' entries", () => {
  test.each(entriesFor(false).admin.map((entry) => [entry.name, entry] as const))(
    "%s refuses whoever is no operator",
    async (_, entry) => {
      expect(await call(entry, entry.method === "GET" ? {} : { body: "{}" })).toMatchObject({
        status: 403,
        body: { code: "forbidden" },
      });
    },
  );

  const named = (name: string) => {
    const { admin, fleet } = entriesFor(true);
    const entry = admin.find((each) => each.name === name);
    if (entry === undefined) throw new Error(`There is no ${name}.`);
    return { entry, fleet };
  };

  test.each([
    [{}, 200],
    [{ span: "hours" }, 200],
    [{ span: "years" }, 400],
    [{ other: "1" }, 400],
  ])("get-fleet with %j: %i", async (query, status) => {
    expect(await call(named("get-fleet").entry, { query })).toMatchObject({ status });
  });

  test("create-maintenance-window understands any offset and refuses what is no window", async () => {
    const { entry, fleet } = named("create-maintenance-window");
    await fleet.addInstance(id);
    const body = (change: object) =>
      JSON.stringify({ instanceId: id, until: "2026-01-01T03:00:00+02:00", reason: "new disk", ...change });
    expect(await call(entry, { body: body({}) })).toMatchObject({
      status: 201,
      body: { instanceId: id, from: fleet.clock().toISOString(), until: "2026-01-01T01:00:00.000Z" },
    });
    for (const change of [{ until: "soon" }, { reason: " " }, { instanceId: "../x" }, { extra: 1 }]) {
      expect(await call(entry, { body: body(change) })).toMatchObject({ status: 400 });
    }
  });
});

describe("an instance's report", () => {
  const post = async (body: string, signature?: string) => {
    const { fleet, report } = entriesFor(false);
    await fleet.addInstance(id);
    const signed = signature ?? signReport(fleet.key(id), fleet.clock().getTime() / 1000, body);
    return call(report, { params: { instance: id }, headers: { "x-kombify-signature": signed }, body });
  };
  const good = JSON.stringify(aFleet().reportOf(id));

  test("is accepted, or refused with its stable code", async () => {
    expect(await post(good)).toMatchObject({ status: 202 });
    expect(await post(good, "t=1,v1=00")).toMatchObject({ status: 401, body: { code: "report-signature-invalid" } });
    expect(await post("[]")).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    expect(await post("x".repeat(65_537))).toMatchObject({ status: 413, body: { code: "too-large" } });
    const others = JSON.stringify(aFleet().reportOf("stack-other"));
    expect(await post(others)).toMatchObject({ status: 403, body: { code: new DomainError("forbidden", "").code } });
  });
});
