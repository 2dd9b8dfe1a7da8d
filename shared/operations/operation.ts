import { z } from "zod";
import type { ContainerDefinition } from "../documents/document-store.ts";

export const OperationStatus = z.enum(["running", "waiting", "succeeded", "failed", "cancelled"]);
export type OperationStatus = z.infer<typeof OperationStatus>;

const OperationKind = z.enum(["provision-tenant", "provision-instance", "retire-instance", "migrate-catalog"]);
export type OperationKind = z.infer<typeof OperationKind>;

const StepState = z.enum(["pending", "running", "done", "failed"]);

/** Long work as a resource. `owner` is the organisation that may see it; instants are ISO 8601 UTC. */
export const Operation = z.object({
  id: z.string(),
  owner: z.string(),
  kind: OperationKind,
  /** Id of the tenant or instance the work is for, and the partition to find it in. */
  subject: z.object({ id: z.string(), pool: z.string().optional() }),
  status: OperationStatus,
  steps: z.array(z.object({ name: z.string(), state: StepState, at: z.string().nullable() })),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  /** What the resource manager foresaw, in a sentence; instances only. */
  plan: z.string().optional(),
  /** Somebody wants this work to stop: seen by whoever works on it, at the next step. */
  cancelRequestedAt: z.string().optional(),
  /** A worker that holds the lease is at it until then; afterwards the reconciler takes over. */
  leaseUntil: z.string(),
  /** Past this instant the reconciler gives up and cleans up, so that nothing is stuck. */
  deadlineAt: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Operation = z.infer<typeof Operation>;

export const operationsContainer: ContainerDefinition = {
  name: "operations",
  partitionKey: "owner",
  indexes: ["status", "kind", "createdAt", "leaseUntil"],
};

export const isFinal = (status: OperationStatus): boolean =>
  status === "succeeded" || status === "failed" || status === "cancelled";

/** Whether work on an instance still goes forward: once its cause is kept, what was done is being undone. */
export const isInstanceCancellable = ({ kind, status, error, cancelRequestedAt }: Operation): boolean =>
  kind === "provision-instance" && status === "running" && error === null && cancelRequestedAt === undefined;

export const isMigrationCancellable = ({ kind, status, cancelRequestedAt }: Operation): boolean =>
  kind === "migrate-catalog" && status === "running" && cancelRequestedAt === undefined;

/** What a caller may do next; only work that stops at a safe point is cancellable. */
const allowedActions = (operation: Operation): readonly ("cancel" | "retry")[] => {
  switch (operation.kind) {
    case "provision-tenant":
      if (operation.status === "waiting") return ["cancel"];
      return operation.status === "failed" ? ["retry"] : [];
    case "provision-instance":
      if (isInstanceCancellable(operation)) return ["cancel"];
      return operation.status === "failed" || operation.status === "cancelled" ? ["retry"] : [];
    case "retire-instance":
      return operation.status === "failed" ? ["retry"] : [];
    // Begun again with the login it needs: what is done already is passed over quickly.
    case "migrate-catalog":
      return isMigrationCancellable(operation) ? ["cancel"] : [];
  }
};

/** What callers see of an operation. */
export const operationView = (operation: Operation) => ({
  id: operation.id,
  kind: operation.kind,
  subject: operation.subject.id,
  status: operation.status,
  steps: operation.steps,
  progress: {
    done: operation.steps.filter((step) => step.state === "done").length,
    total: operation.steps.length,
  },
  error: operation.error,
  plan: operation.plan ?? null,
  isCancelRequested: operation.cancelRequestedAt !== undefined,
  allowedActions: allowedActions(operation),
  deadlineAt: operation.deadlineAt,
  createdAt: operation.createdAt,
  updatedAt: operation.updatedAt,
});

/** Marks `name` as `state`; a step before it that is still open is done, because steps run in order. */
export const withStep = (
  operation: Operation,
  name: string,
  state: "running" | "done" | "failed",
  at: string,
): Operation => {
  const position = operation.steps.findIndex((step) => step.name === name);
  return {
    ...operation,
    updatedAt: at,
    steps: operation.steps.map((step, index) => {
      if (index === position) return { ...step, state, at };
      return index < position && step.state !== "done" ? { ...step, state: "done", at } : step;
    }),
  };
};

/** Work that is being undone: the step under way has failed, and the step `name`, added if need be, is under way. */
export const withUndoing = (operation: Operation, name: string, at: string): Operation => {
  const others = operation.steps.filter((step) => step.name !== name);
  return {
    ...operation,
    updatedAt: at,
    steps: [
      ...others.map((step) => (step.state === "running" ? { ...step, state: "failed" as const, at } : step)),
      { name, state: "running", at },
    ],
  };
};
