import type { Operation } from "../operations/operation.ts";
import type { DeploymentMode, Region } from "./instance.ts";

/** What one deployment is asked for. Both secrets are secure parameters: never an output, never readable afterwards. */
export interface DeploymentRequest {
  readonly instanceId: string;
  readonly region: Region;
  readonly mode: DeploymentMode;
  readonly superuserEmail: string;
  readonly superuserPassword: string;
  readonly reportKey: string;
}

/** One resource as the resource manager foresees it. `isOurs`: it carries this instance's tag, or is part of one that does. */
export interface PlannedChange {
  readonly resourceId: string;
  readonly kind: "create" | "modify" | "delete" | "none" | "unknown";
  readonly isOurs: boolean;
}

/** An answer for good, with the resource manager's innermost code and words. */
export interface Refused {
  readonly state: "refused";
  readonly reason: string;
}

export type DeploymentPlan = { readonly state: "planned"; readonly changes: readonly PlannedChange[] } | Refused;

/** What is known of an instance's deployment. `retryAfterSeconds` is what the resource manager asks for. */
export type DeploymentState =
  | { readonly state: "running"; readonly retryAfterSeconds: number }
  /** There is no such deployment: the resource manager has lost what it accepted. */
  | { readonly state: "missing" }
  | {
      readonly state: "succeeded";
      readonly internalEndpoint: string;
      readonly version: string;
    }
  | { readonly state: "failed"; readonly reason: string };

/** `gone`: neither a deployment nor a resource is left. `reason`: what the resource manager objects to, if it does. */
export type RemovalState =
  | { readonly state: "gone" }
  | { readonly state: "removing"; readonly retryAfterSeconds: number; readonly reason: string | null };

/**
 * Deployments of Stack instances. The deployment's name derives from the instance id, so repeating `begin` is the same
 * deployment. @throws DomainError `unavailable` (fact `retryAfterSeconds`, where asked for) when the resource manager is
 * not reached, busy or broken: the same call may be made again
 */
export interface StackDeployments {
  /** What the deployment would do; changes nothing. */
  plan(request: DeploymentRequest): Promise<DeploymentPlan>;
  begin(request: DeploymentRequest): Promise<{ readonly state: "accepted" } | Refused>;
  check(instanceId: string): Promise<DeploymentState>;
  /** One pass: cancels, removes whatever carries the instance's tag, then the deployment; to be repeated until `gone`. */
  remove(instanceId: string): Promise<RemovalState>;
}

/** Starts the durable workflow of an instance, if there is work on it; starting it twice is harmless. */
export type StartProvisioning = (instanceId: string) => Promise<void>;

/** Operations as the instances' room needs them (implemented by `shared/operations`). */
export interface InstanceOperations {
  forOwner(owner: string): {
    begin(operation: Operation): Promise<void>;
    find(id: string): Promise<Operation | undefined>;
    update(id: string, change: (operation: Operation) => Operation | undefined): Promise<Operation | undefined>;
  };
  /** Operations under way, of every kind. */
  running(limit: number): Promise<readonly Operation[]>;
}
