import type { Plan } from "../../shared/tenants/plan.ts";
import type { Budget } from "../topology/budget.ts";
import type { Finding } from "../topology/finding.ts";
import type { Impairment, LinkDirection } from "../topology/topology.ts";
import type { Page, TenantStanding } from "./ports.ts";
import type { Operation, Simulation, SimulationEvent } from "./simulation.ts";

export interface Assessment {
  readonly isValid: boolean;
  /** Of a valid one: warnings. */
  readonly findings: readonly Finding[];
  /** Absent when the text cannot be read. */
  readonly budget?: Budget;
  /** What the plan does not give, in sentences. */
  readonly lacks: readonly string[];
  readonly requiredPlan: Plan | null;
}

/** One step that the reconciler would take, for people and machines. */
export interface PlannedStep {
  readonly action: string;
  readonly subject: string;
}

export interface Started {
  readonly simulation: Simulation;
  readonly operation: Operation;
}

/**
 * What people may do with their simulations. Ids of other tenants are `not-found`, as ids that never were.
 * `ifRevision`: the revision the caller has seen; @throws DomainError `precondition-failed` when there is a newer one.
 */
export interface SimulationServices {
  assess(standing: TenantStanding, source: string): Assessment;
  /** @throws DomainError `topology-invalid` (facts: findings), `plan-required`, `simulation-limit-reached`, `idempotency-key-reused`, `walls-down` */
  create(
    standing: TenantStanding,
    source: string,
    options: {
      readonly start: boolean;
      readonly idempotencyKey?: string;
      /** Called in the transaction that writes the simulation: what it throws, nothing is written. */
      readonly onMade?: (simulation: Simulation) => void;
    },
  ): Promise<Started>;
  list(standing: TenantStanding, limit: number, after?: string): Page<Simulation>;
  get(standing: TenantStanding, id: string): Simulation;
  /** What a changed file would do; nothing is done. */
  plan(
    standing: TenantStanding,
    id: string,
    source: string,
  ): { readonly steps: readonly PlannedStep[]; readonly assessment: Assessment };
  change(standing: TenantStanding, id: string, source: string, ifRevision?: number): Promise<Started>;
  /** @throws DomainError `conflict` when it is being deleted */
  control(
    standing: TenantStanding,
    id: string,
    action: "start" | "stop" | "pause" | "resume" | "restart" | "delete",
    ifRevision?: number,
  ): Promise<Started>;
  controlNode(
    standing: TenantStanding,
    id: string,
    node: string,
    action: "start" | "stop" | "pause" | "resume" | "restart" | "kill",
  ): Promise<Started>;
  /** Kept in the record, so it survives restarts of node, engine and host. Takes effect before it returns when the simulation runs. */
  changeLink(
    standing: TenantStanding,
    id: string,
    link: string,
    change: {
      readonly isDown?: boolean;
      readonly impairment?: Impairment;
      readonly directions?: readonly LinkDirection[];
    },
  ): Promise<Simulation>;
  /** As long as the plan allows from now on, at most. @throws DomainError `simulation-state` when it does not run */
  extend(standing: TenantStanding, id: string, minutes: number): Simulation;
  operation(standing: TenantStanding, id: string, operationId: string): Operation;
  /** Place (from 1) and expected start of a queued one. */
  queuePlace(
    standing: TenantStanding,
    id: string,
  ): { readonly place: number; readonly expectedAt: string | null } | undefined;
  /** Events after that number, then new ones as they happen, until the signal. */
  events(
    standing: TenantStanding,
    id: string,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncIterable<SimulationEvent>;
}
