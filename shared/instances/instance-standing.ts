import type { Operation } from "../operations/operation.ts";
import { isFinal } from "../operations/operation.ts";
import type { Instance } from "./instance.ts";

export type Standing =
  /** The instance is being provisioned by this operation. */
  | { readonly kind: "forward" }
  | { readonly kind: "stop"; readonly reason: string }
  /** It is in service thanks to this operation. */
  | { readonly kind: "in-service" }
  /** It is being removed by this operation. */
  | { readonly kind: "removing" }
  | { readonly kind: "superseded" };

/** Why an instance was stopped by its operator; kept on the instance. */
export const cancelledReason = "Cancelled by an operator.";
const overdueReason = "The deadline of 30 minutes has passed.";

/** How an instance and the operation it names stand to the work `operationId`. Both documents decide, nothing else. */
export const standingOf = (instance: Instance, operation: Operation, nowIso: string): Standing => {
  if (instance.operationId !== operation.id) return { kind: "superseded" };
  switch (instance.status) {
    case "provisioning":
      if (operation.cancelRequestedAt !== undefined) return { kind: "stop", reason: cancelledReason };
      return operation.deadlineAt <= nowIso ? { kind: "stop", reason: overdueReason } : { kind: "forward" };
    case "active":
    case "draining":
      return { kind: "in-service" };
    case "retiring":
      return isFinal(operation.status) ? { kind: "superseded" } : { kind: "removing" };
    case "retired":
    case "failed":
      return { kind: "superseded" };
  }
};
