import type { FastifyInstance } from "fastify";
import type { AccessTokenVerifier } from "../../shared/gateway/access-token.ts";
import type { CallerRules } from "../../shared/gateway/caller.ts";
import type { CheckHealth } from "../../shared/health/check-health.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Plan } from "../../shared/tenants/plan.ts";
import type { Tenants } from "../control-plane/ports.ts";
import type { Engine } from "../engine/ports.ts";
import type { Links } from "../links/ports.ts";
import type { Saves } from "../saves/saves.ts";
import type { TenantStanding, TopologyRules } from "../simulations/ports.ts";
import type { SimulationServices } from "../simulations/services.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { TrialView } from "../trials/trial.ts";
import type { HostFigures, Metrics } from "./metrics.ts";
import type { Timing } from "./timing.ts";

/** What a plan allows and what a tenant has of it, by the same names. */
export interface Usage {
  readonly limits: Readonly<Record<string, number>>;
  readonly used: Readonly<Record<string, number>>;
}

/** What the API is made of. Every choice of adapter is made by who builds it. */
export interface ApiDeps {
  readonly services: SimulationServices;
  readonly engine: Pick<Engine, "inspect" | "logs" | "stats" | "run" | "terminal">;
  readonly links: Pick<Links, "capture">;
  readonly saves: Saves;
  readonly tenants: Tenants;
  readonly verifier: AccessTokenVerifier;
  readonly callerRules: CallerRules;
  /** By which the gateway is known: one, or two while it is changed. */
  readonly gatewayKeys: readonly string[];
  /** Where browsers reach the platform, as in `https://app.kombify.io`: only its pages open terminals. */
  readonly publicOrigin: string;
  readonly images: readonly { readonly name: string; readonly summary: string }[];
  /** The published JSON Schema of a topology. */
  readonly simulationSchema: Readonly<Record<string, unknown>>;
  readonly pictures: Readonly<Record<"svg" | "mermaid" | "dot", (simulation: Simulation) => string>>;
  readonly rules: Pick<TopologyRules, "budgetOf" | "limitsOf">;
  readonly usageOf: (standing: TenantStanding) => Usage;
  /** Of one packet capture. */
  readonly captureBytesMaxOf: (plan: Plan) => number;
  /** The newest run of a simulation. */
  readonly lastRunOf: (
    standing: TenantStanding,
    simulationId: string,
  ) => { readonly id: string; readonly status: string } | undefined;
  /** The trial of a kit that a simulation is made for. */
  readonly trialOf: (standing: TenantStanding, simulationId: string) => TrialView | undefined;
  readonly checkHealth: CheckHealth;
  readonly metrics: Metrics;
  readonly figures: () => HostFigures;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Logger;
}

/** A group of routes of signed-in people. `signedCallOf` tells their handlers who calls. */
export type RouteGroup = (app: FastifyInstance) => void;
