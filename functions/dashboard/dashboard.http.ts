import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import type { FleetView, HistorySpan } from "../../shared/health/fleet-view.ts";
import type { Region } from "../../shared/instances/instance.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { isKnownToCaller } from "../http/built-files.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { toProblem } from "../http/problem.ts";
import { confirmation, isAskedAction } from "./confirmations.ts";
import { doneAddress, readDone } from "./done-ticket.ts";
import type { FleetPage } from "./fleet-page.ts";
import { fleetPage } from "./fleet-page.ts";
import type { OperatorCommands } from "./operator-commands.ts";
import { askedFields, doneWords, isActionName, runAction } from "./operator-commands.ts";
import { readForm } from "./read-form.ts";
import type { WritePage } from "./shell.ts";
import { redirect } from "./shell.ts";
import type { InVisit, Visit } from "./visits.ts";

/** Everything the page shows, from one moment. */
export type DescribeFleet = (span: HistorySpan) => Promise<FleetView>;

export interface DashboardHttpDeps {
  readonly inVisit: InVisit;
  readonly writePage: WritePage;
  readonly describeFleet: DescribeFleet;
  readonly commands: OperatorCommands;
  readonly clock: Clock;
  readonly newSecret: () => string;
  readonly publicOrigin: string;
  readonly defaultRegion: Region;
}

/** An unknown span is no reason to show nothing: addresses are shared and typed by hand. */
const Span = z.enum(["minutes", "hours", "days"]).catch("minutes");

const flashOf = (visit: Visit, request: HttpRequest, now: Date): FleetPage["flash"] => {
  const done = readDone(visit, request, now);
  return isActionName(done) ? { isGood: true, text: doneWords[done] } : undefined;
};

/** Two pages are the same when they differ in the time only: the script counts that by itself. */
const etagOf = ({ generatedAt: _, ...facts }: FleetView, { session }: Visit): string => {
  const digest = createHash("sha256").update(JSON.stringify(facts)).update(session.formToken).digest("base64url");
  return `W/"${digest.slice(0, 22)}"`;
};

interface Extra {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const writeFleet = async (
  { writePage, defaultRegion }: DashboardHttpDeps,
  { visitor }: Visit,
  page: Pick<FleetPage, "view" | "flash" | "typed"> & Extra,
): Promise<HttpResponseInit> => {
  const { status, headers, ...shown } = page;
  const content = fleetPage({ ...shown, defaultRegion, formToken: visitor.formToken });
  return writePage(status, { title: "Fleet", visitor, content, headers });
};

/** `GET /admin?span=minutes|hours|days`: the fleet as a page, 304 if the caller's copy says the same. */
export const dashboardHttp = (deps: DashboardHttpDeps): HttpFunction => ({
  name: "dashboard",
  method: "GET",
  route: "dashboard",
  access: "gateway",
  handler: deps.inVisit(async (visit, request) => {
    const view = await deps.describeFleet(Span.parse(request.query.get("span")));
    const etag = etagOf(view, visit);
    const flash = flashOf(visit, request, deps.clock());
    if (flash === undefined && isKnownToCaller(request, etag)) {
      return { status: 304, headers: { etag, "cache-control": "no-store" } };
    }
    const answer = await writeFleet(deps, visit, { status: 200, view, flash, headers: { etag } });
    return answer;
  }),
});

/** `GET /admin/confirm/{action}`: asks before something that costs or destroys. */
export const dashboardConfirmHttp = ({ inVisit, writePage, newSecret }: DashboardHttpDeps): HttpFunction => ({
  name: "dashboard-confirm",
  method: "GET",
  route: "dashboard/confirm/{action}",
  access: "gateway",
  handler: inVisit(({ visitor }, request) => {
    const name = request.params["action"] ?? "";
    if (!isAskedAction(name)) throw new DomainError("not-found", "There is no such action.");
    const once = name === "provision" ? { request: newSecret() } : {};
    const fields = { ...askedFields(name, Object.fromEntries(request.query.entries())), ...once };
    return writePage(200, { ...confirmation(name, fields, visitor.formToken), visitor });
  }),
});

/** `POST /admin/actions/{action}`: does it and shows the fleet; a refusal is shown on the same page, with what was typed. */
export const dashboardActionHttp = (deps: DashboardHttpDeps): HttpFunction => ({
  name: "dashboard-action",
  method: "POST",
  route: "dashboard/actions/{action}",
  access: "gateway",
  startsWorkflows: true,
  handler: deps.inVisit(async (visit, request, context) => {
    const fields = await readForm(request, deps.publicOrigin, visit.session.formToken);
    const name = request.params["action"] ?? "";
    if (!isActionName(name)) throw new DomainError("not-found", "There is no such action.");
    try {
      await runAction(name, deps.commands, { fields, caller: visit.caller, context, now: deps.clock() });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const view = await deps.describeFleet("minutes");
      const flash = { isGood: false, text: error.message };
      return writeFleet(deps, visit, { status: toProblem(error).status ?? 400, view, flash, typed: fields });
    }
    return redirect(doneAddress(visit, "/admin", name, deps.clock()));
  }),
});
