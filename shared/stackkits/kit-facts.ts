import type { Plan } from "../tenants/plan.ts";

/** A setting a kit asks for. Values of `secret` are never written into deployments. */
export interface KitParameter {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "choice" | "secret";
  readonly isRequired: boolean;
  readonly default?: string | number | boolean;
  /** Bounds of an integer, or of the length of a text. */
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

export interface KitDependency {
  readonly id: string;
  /** A semver range. */
  readonly range: string;
}

export type PortProtocol = "tcp" | "udp";

/** What the API reads of a version of a kit when it checks a spec. */
export interface KitFacts {
  readonly id: string;
  readonly version: string;
  readonly minPlan: Plan;
  readonly architectures: readonly string[];
  readonly memoryMegabytesMin: number;
  readonly parameters: readonly KitParameter[];
  readonly services: readonly string[];
  readonly ports: readonly { readonly name: string; readonly number: number; readonly protocol: PortProtocol }[];
  readonly dependencies: readonly KitDependency[];
}

/** What a tenant's Stack has already, and what its plan allows. */
export interface StackFacts {
  readonly plan: Plan;
  readonly serviceCount: number;
  readonly deploymentNames: readonly string[];
  /** Without a protocol it is taken for both: rows that people wrote do not say. */
  readonly takenPorts: readonly {
    readonly port: number;
    readonly protocol?: PortProtocol | undefined;
    readonly by: string;
  }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly architecture?: string;
    readonly memoryMegabytes?: number;
  }[];
  readonly installed: readonly { readonly id: string; readonly version: string }[];
  /** What others need of the kit that is replaced; nothing when it is installed anew. */
  readonly neededOfIt?: readonly { readonly by: string; readonly range: string }[];
}
