import type { Operation } from "../operations/operation.ts";
import type { DeploymentMode, Region } from "./instance.ts";

/** What is known of an instance's deployment. `retryAfterSeconds` is what the resource manager asks for. */
export type DeploymentState =
  | { readonly state: "running"; readonly retryAfterSeconds: number }
  | {
      readonly state: "succeeded";
      readonly internalEndpoint: string;
      readonly publicEndpoint: string;
      readonly version: string;
    }
  | { readonly state: "failed"; readonly reason: string };

/**
 * Deployments of Stack instances. The deployment's name derives from the instance id, so repeating `begin` is the same
 * deployment. @throws DomainError `unavailable` when the resource manager does not answer
 */
export interface StackDeployments {
  begin(request: {
    readonly instanceId: string;
    readonly region: Region;
    readonly mode: DeploymentMode;
    readonly superuserEmail: string;
    readonly superuserPassword: string;
  }): Promise<void>;
  check(instanceId: string): Promise<DeploymentState>;
  /** Removes whatever carries the instance's tag. Nothing there is fine. */
  remove(instanceId: string): Promise<void>;
}

/** Starts the durable workflow of an instance; starting it twice is harmless. */
export type StartProvisioning = (instanceId: string) => Promise<void>;

/** Operations as the instances' room needs them (implemented by `shared/operations`). */
export interface InstanceOperations {
  forOwner(owner: string): {
    begin(operation: Operation): Promise<void>;
    update(id: string, change: (operation: Operation) => Operation | undefined): Promise<Operation | undefined>;
  };
}
