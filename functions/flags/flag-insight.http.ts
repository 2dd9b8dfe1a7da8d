import { z } from "zod";
import type { DescribeRollout } from "../../shared/flags/describe-rollout.ts";
import { compileFlags } from "../../shared/flags/evaluate-flag.ts";
import { flagBucket } from "../../shared/flags/flag-bucket.ts";
import { findFlag } from "../../shared/flags/find-flag.ts";
import { FlagFields } from "../../shared/flags/flag.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { Plan } from "../../shared/tenants/plan.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readJson } from "../http/read-json.ts";
import type { PublishFlagsOf } from "./flag-services.ts";
import type { FlagsDeps } from "./flags.http.ts";

export interface FlagInsightDeps extends FlagsDeps {
  readonly clock: Clock;
  readonly describeRollout: DescribeRollout;
  readonly planOf: (tenantId: string) => Promise<Plan | undefined>;
}

const Question = z.strictObject({
  tenantId: z
    .string()
    .regex(/^[a-z0-9]{15,40}$/)
    .optional(),
  /** Without it: the tenant's own. */
  plan: Plan.optional(),
  /** Without it: now. */
  at: z.iso.datetime().optional(),
  /** What the flag might become; without it, it is asked as it is. */
  fields: FlagFields.optional(),
});

/**
 * `POST /api/admin/flags/{key}/evaluate` `{tenantId?, plan?, at?, fields?}`: OpenFeature's `{key, value?, variant?, reason,
 * errorCode?}` and the tenant's `bucket` (0 to 9,999; null without a tenant). Changes nothing.
 */
export const evaluateFlagHttp = ({ readOperator, flags, clock, planOf }: FlagInsightDeps): HttpFunction => ({
  name: "evaluate-flag",
  method: "POST",
  route: "api/admin/flags/{key}/evaluate",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { tenantId, plan, at, fields } = await readJson(request, Question);
    const flag = await findFlag(flags, request.params["key"] ?? "");
    const { key } = flag;
    if (fields !== undefined && fields.key !== key) throw new DomainError("invalid-input", "A flag keeps its key.");
    const asked = tenantId === undefined ? plan : (plan ?? (await planOf(tenantId)));
    const context = {
      ...(tenantId === undefined ? {} : { targetingKey: tenantId }),
      ...(asked === undefined ? {} : { plan: asked }),
    };
    const now = at === undefined ? clock().getTime() : Date.parse(at);
    const evaluation = compileFlags([{ ...flag, ...fields }]).evaluate(key, context, now);
    return json(200, { key, ...evaluation, bucket: tenantId === undefined ? null : flagBucket(key, tenantId) });
  },
});

/** `GET /api/admin/flags/{key}/history`: who did what when, newest first, 100 at most; also of an archived flag. */
export const flagHistoryHttp = ({ readOperator, flags }: FlagInsightDeps): HttpFunction => ({
  name: "flag-history",
  method: "GET",
  route: "api/admin/flags/{key}/history",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const found = await flags.history(request.params["key"] ?? "");
    if (found.length === 0) throw new DomainError("not-found", "There never was a flag with this key.");
    const changes = found.map(({ revision, action, by, at, before, after }) => ({
      ...{ revision, action, by, at, before, after },
    }));
    return json(200, { changes });
  },
});

/** `GET /api/admin/flag-rollout`: `{revision, instances: [{instanceId, state, revision, cause, failures, updatedAt}]}`. */
export const flagRolloutHttp = ({ readOperator, describeRollout }: FlagInsightDeps): HttpFunction => ({
  name: "flag-rollout",
  method: "GET",
  route: "api/admin/flag-rollout",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return json(200, await describeRollout());
  },
});

/** `POST /api/admin/flag-rollout`: 202; instances that lack something are asked now instead of after their pause. */
export const publishFlagsHttp = (
  deps: FlagInsightDeps & { readonly publishFlagsOf: PublishFlagsOf },
): HttpFunction => ({
  name: "publish-flags-now",
  method: "POST",
  route: "api/admin/flag-rollout",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => {
    await deps.readOperator(request);
    await deps.publishFlagsOf(context)(true);
    return json(202, await deps.describeRollout(), { location: "/api/admin/flag-rollout", "retry-after": "2" });
  },
});
