import { ApiError, toApiError } from "./api/api-error.ts";
import type { Operation, PlatformApi, Tenant } from "./api/platform-api.ts";
import { pollDelaySeconds } from "./poll.ts";
import { problemNotice } from "./views/problem.ts";
import type { ProgressView } from "./views/progress.ts";

const finalStates: readonly Operation["status"][] = ["succeeded", "failed", "cancelled"];

const isUnderWay = ({ status }: Tenant): boolean => status === "waiting" || status === "provisioning";

const isTemporary = ({ facts }: ApiError): boolean => facts.status === 0 || facts.status === 429 || facts.status >= 500;

interface FollowDeps {
  readonly api: Pick<PlatformApi, "tenant" | "operation">;
  readonly wait: (seconds: number) => Promise<void>;
}

/** The tenant when its work has ended, its operation while that goes on. */
const ask = async ({ api }: FollowDeps, tenant: Tenant, view: ProgressView): Promise<Tenant | Operation> => {
  const operation = await api.operation(tenant.operation);
  view.note();
  view.update(operation);
  if (!finalStates.includes(operation.status)) return operation;
  const now = await api.tenant();
  // Between the end of the work and the tenant's new state there may be a moment.
  return isUnderWay(now) && now.operation === tenant.operation ? operation : now;
};

/**
 * Watches the tenant's work and gives the tenant once it has ended; undefined when the view has left the page.
 * Failures that pass are shown and outlasted. @throws ApiError for others, and when it takes too long
 */
export const followTenant = async (
  deps: FollowDeps,
  tenant: Tenant,
  view: ProgressView,
): Promise<Tenant | undefined> => {
  let seen = "";
  for (let count = 0; ; count += 1) {
    const delay = pollDelaySeconds(count);
    if (delay === undefined) {
      throw new ApiError("This takes longer than usual. Your place is kept.", { status: 0, code: "slow" });
    }
    try {
      const found = await ask(deps, tenant, view);
      if (!view.root.isConnected) return undefined;
      if (!("steps" in found)) return found;
      const current = JSON.stringify([found.status, found.steps]);
      if (current !== seen) count = 0;
      seen = current;
    } catch (cause) {
      const error = toApiError(cause);
      if (!isTemporary(error)) throw error;
      view.note(problemNotice(error));
    }
    await deps.wait(delay);
    if (!view.root.isConnected) return undefined;
  }
};
