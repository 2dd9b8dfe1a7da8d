import { HttpRequest, InvocationContext } from "@azure/functions";
import { expect, it } from "vitest";
import { aFleet } from "../../tests/support/fleet.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { createMaintenanceHttp } from "./maintenance.http.ts";

const instanceId = "stack-westeurope-1";

/** Plans at the very begin of 2026. */
const plan = async (change: Readonly<Record<string, string>>) => {
  const fleet = aFleet();
  await fleet.addInstance(instanceId);
  const readOperator = () => Promise.resolve({ sub: "1", isOrganisationAdmin: true, isOperator: true });
  const entry = createMaintenanceHttp({ ...fleet, readOperator });
  const body = { instanceId, until: "2026-01-01T01:00:00Z", reason: "new disk", ...change };
  const request = new HttpRequest({
    method: "POST",
    url: "https://app.kombify.test/api/admin/maintenance-windows",
    headers: { "content-type": "application/json" },
    body: { string: JSON.stringify(body) },
  });
  const answer = await withErrorBoundary(entry)(request, new InvocationContext({ logHandler: () => undefined }));
  const planned = (await fleet.describeFleet("minutes")).maintenance.length;
  return { status: answer.status, body: JSON.stringify(answer.jsonBody ?? answer.body), planned };
};

it.each([
  ["a null character", { reason: "new\u0000disk" }, "control characters"],
  ["text that is shown backwards", { reason: "new \u202eksid" }, "control characters"],
  ["half a character", { reason: "new \ud800disk" }, "control characters"],
  ["a second line", { reason: "new disk\nEverything is fine" }, "control characters"],
  ["no reason", { reason: " " }, "say why"],
  ["a millisecond's length", { from: "2026-01-01T00:30:00Z", until: "2026-01-01T00:30:00.001Z" }, "1 minute"],
  ["a begin in the year 9999", { from: "9999-01-01T00:00:00Z", until: "9999-01-01T01:00:00Z" }, "within a year"],
  ["a day that February never has", { from: "2026-02-30T10:00:00Z", until: "2026-03-01T10:00:00Z" }, "from"],
  ["an end after the last year", { until: "9999-12-31T23:59:59-01:00" }, "30 days"],
])("plans nothing with %s, and says what to do", async (_, change, words) => {
  const { status, body, planned } = await plan(change);
  expect([status, planned]).toEqual([400, 0]);
  expect(body).toContain(words);
});

it("plans what people write in their own scripts", async () => {
  expect(await plan({ reason: "Größere Platte – 交換 ディスク ✓" })).toMatchObject({ status: 201, planned: 1 });
});
