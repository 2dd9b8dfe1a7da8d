import type { HttpRequest, InvocationContext } from "@azure/functions";
import type { DescribeRollout } from "../../../shared/flags/describe-rollout.ts";
import type { EditFlags } from "../../../shared/flags/edit-flags.ts";
import type { Evaluation } from "../../../shared/flags/evaluate-flag.ts";
import { compileFlags } from "../../../shared/flags/evaluate-flag.ts";
import { findFlag } from "../../../shared/flags/find-flag.ts";
import type { FlagStore } from "../../../shared/flags/flag-store.ts";
import type { Flag } from "../../../shared/flags/flag.ts";
import type { Clock } from "../../../shared/kernel/clock.ts";
import { DomainError } from "../../../shared/kernel/errors.ts";
import type { HttpFunction } from "../../http/http-function.ts";
import { toProblem } from "../../http/problem.ts";
import { doneAddress, readDone } from "../done-ticket.ts";
import type { Flash } from "../fleet-page.ts";
import { readForm } from "../read-form.ts";
import type { WritePage } from "../shell.ts";
import { redirect } from "../shell.ts";
import type { InVisit, Visit } from "../visits.ts";
import { flagActions, flagDoneWords, isFlagAction } from "./flag-actions.ts";
import { confirmFlagPage, flagPage, isAskedAction } from "./flag-page.ts";
import type { TriedOut } from "./flag-page.ts";
import type { FlagsListFacts } from "./flags-list.ts";
import { flagsListPage } from "./flags-list.ts";

export interface FlagsPagesDeps {
  readonly inVisit: InVisit;
  readonly writePage: WritePage;
  readonly clock: Clock;
  readonly publicOrigin: string;
  readonly flags: FlagStore;
  readonly editFlags: EditFlags;
  readonly describeRollout: DescribeRollout;
  readonly planOf: (tenantId: string) => Promise<string | undefined>;
  readonly announceFlagsOf: (context: InvocationContext) => () => Promise<void>;
}

const flashOf = ({ clock }: FlagsPagesDeps, visit: Visit, request: HttpRequest): Flash | undefined => {
  const done = readDone(visit, request, clock());
  return isFlagAction(done) || done === "publish" ? { isGood: true, text: flagDoneWords[done] } : undefined;
};

type Shown = Pick<FlagsListFacts, "flash" | "typed">;

const writeList = async (deps: FlagsPagesDeps, { visitor }: Visit, status: number, shown: Shown) => {
  const [set, { instances }] = await Promise.all([deps.flags.readSet(), deps.describeRollout()]);
  const content = flagsListPage({
    ...{ revision: set.revision, flags: set.flags.filter(({ archived }) => !archived), instances },
    ...{ formToken: visitor.formToken, nowMilliseconds: deps.clock().getTime(), ...shown },
  });
  return deps.writePage(status, { title: "Flags", visitor, content });
};

/** `GET /admin/flags`: every flag, and how far each instance is. */
export const flagsListHttp = (deps: FlagsPagesDeps): HttpFunction => ({
  name: "dashboard-flags",
  method: "GET",
  route: "dashboard/flags",
  access: "gateway",
  handler: deps.inVisit((visit, request) => writeList(deps, visit, 200, { flash: flashOf(deps, visit, request) })),
});

const evaluated = async (deps: FlagsPagesDeps, flag: Flag, { tenantId, plan }: TriedOut): Promise<Evaluation> => {
  const known = plan === "" ? ((await deps.planOf(tenantId)) ?? "") : plan;
  const context = { ...(tenantId === "" ? {} : { targetingKey: tenantId }), plan: known };
  return compileFlags([flag]).evaluate(flag.key, context, deps.clock().getTime());
};

/** `GET /admin/flags/{key}?tenantId&plan`: one flag, and what it is for that tenant. */
export const flagPageHttp = (deps: FlagsPagesDeps): HttpFunction => ({
  name: "dashboard-flags-one",
  method: "GET",
  route: "dashboard/flags/{key}",
  access: "gateway",
  handler: deps.inVisit(async (visit, request) => {
    const { visitor } = visit;
    const flag = await findFlag(deps.flags, request.params["key"] ?? "");
    const asked = { tenantId: request.query.get("tenantId") ?? "", plan: request.query.get("plan") ?? "" };
    const evaluation = request.query.has("tenantId") ? await evaluated(deps, flag, asked) : undefined;
    const content = flagPage({
      ...{ flag, changes: await deps.flags.history(flag.key), triedOut: { ...asked, evaluation } },
      ...{
        formToken: visitor.formToken,
        nowMilliseconds: deps.clock().getTime(),
        flash: flashOf(deps, visit, request),
      },
    });
    return deps.writePage(200, { title: flag.key, visitor, content });
  }),
});

/** `GET /admin/flags/{key}/confirm/{action}` */
export const confirmFlagHttp = (deps: FlagsPagesDeps): HttpFunction => ({
  name: "dashboard-flags-confirm",
  method: "GET",
  route: "dashboard/flags/{key}/confirm/{action}",
  access: "gateway",
  handler: deps.inVisit(async ({ visitor }, request) => {
    const { action = "", key = "" } = request.params;
    if (!isAskedAction(action)) throw new DomainError("not-found", "There is no such action.");
    const flag = await findFlag(deps.flags, key);
    const content = confirmFlagPage(flag, action, visitor.formToken);
    return deps.writePage(200, { title: `${action} ${flag.key}`, visitor, content });
  }),
});

const runAction = async (
  deps: FlagsPagesDeps,
  { caller }: Visit,
  name: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> => {
  if (name === "publish") return;
  if (!isFlagAction(name)) throw new DomainError("not-found", "There is no such action.");
  const find = (key: string): Promise<Flag> => findFlag(deps.flags, key);
  await flagActions[name]({ editFlags: deps.editFlags, findFlag: find, by: caller.email ?? caller.sub, fields });
};

/** `POST /admin/flags-actions/{action}`: does it, has it published, and shows the list. */
export const flagActionHttp = (deps: FlagsPagesDeps): HttpFunction => ({
  name: "dashboard-flags-action",
  method: "POST",
  route: "dashboard/flags-actions/{action}",
  access: "gateway",
  startsWorkflows: true,
  handler: deps.inVisit(async (visit, request, context) => {
    const fields = await readForm(request, deps.publicOrigin, visit.session.formToken);
    const name = request.params["action"] ?? "";
    try {
      await runAction(deps, visit, name, fields);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const flash = { isGood: false, text: error.message };
      return writeList(deps, visit, toProblem(error).status ?? 400, { flash, typed: fields });
    }
    await deps.announceFlagsOf(context)();
    return redirect(doneAddress(visit, "/admin/flags", name, deps.clock()));
  }),
});
