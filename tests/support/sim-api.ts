import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { DomainError } from "../../shared/kernel/errors.ts";
import { makeCheckHealth } from "../../shared/health/check-health.ts";
import type { Plan } from "../../shared/tenants/plan.ts";
import type { ApiDeps, RouteGroup } from "../../sim-host/api/api-deps.ts";
import { makeMetrics } from "../../sim-host/api/metrics.ts";
import { buildServer } from "../../sim-host/api/server.ts";
import { usualTiming } from "../../sim-host/api/timing.ts";
import type { Tenants } from "../../sim-host/control-plane/ports.ts";
import type { TenantStanding } from "../../sim-host/simulations/ports.ts";
import type { Subject } from "../../sim-host/simulations/simulation.ts";
import { aHost, aTopology, plainRules } from "./sim-host.ts";

export const gatewayKey = "gateway-key-of-a-test";
export const publicOrigin = "https://app.kombify.example";

const orgClaim = "urn:zitadel:iam:user:resourceowner:id";
/** 2100. */
const farAway = 4_102_444_800;

/** Tokens that are good: their names are their people's. Ada is of Acme, Gil of Globex, Eve of nobody's tenant. */
const claimsOf: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ada: { sub: "ada", email: "ada@acme.example", [orgClaim]: "acme", exp: farAway },
  gil: { sub: "gil", [orgClaim]: "globex", exp: farAway },
  eve: { sub: "eve", [orgClaim]: "nobodys", exp: farAway },
  timeless: { sub: "ada", [orgClaim]: "acme" },
};

const plans: Readonly<Record<string, "pro" | "free">> = { acme: "pro", globex: "free" };

const standingOf = ({ sub, orgId }: Subject): TenantStanding | undefined => {
  const plan = plans[orgId];
  return plan && { tenantId: `tenant-${orgId}`, plan, isActive: true, subject: { sub, orgId } };
};

/** Tenants by organisation; what is put into `refusals` is thrown for that organisation. */
const memoryTenants = (refusals: ReadonlyMap<string, DomainError>): Tenants => ({
  standingOf({ sub, orgId = "" }) {
    const refusal = refusals.get(orgId);
    const standing = standingOf({ sub, orgId });
    if (refusal !== undefined) return Promise.reject(refusal);
    return standing === undefined
      ? Promise.reject(new DomainError("tenant-not-found", "The organisation has no tenant."))
      : Promise.resolve(standing);
  },
  standingOfTenant: (subject) => Promise.resolve(standingOf(subject)),
});

export interface TestApi {
  readonly app: FastifyInstance;
  readonly host: ReturnType<typeof aHost>;
  readonly deps: ApiDeps;
  readonly refusals: Map<string, DomainError>;
  readonly logged: string[];
}

const partsOf = (host: ReturnType<typeof aHost>) => ({
  ...{ services: host.services, engine: host.engine, links: host.links, rules: plainRules },
  callerRules: { projectId: "project", operatorOrgId: "operators" },
  gatewayKeys: [gatewayKey],
  publicOrigin,
  images: [{ name: "toolbox", summary: "Small tools." }],
  simulationSchema: { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Simulation" },
  usageOf: () => ({ limits: { simulations: 5 }, used: { simulations: 1 } }),
  captureBytesMaxOf: (plan: Plan) => ({ free: 5_000_000, pro: 50_000_000, enterprise: 1_000_000_000 })[plan],
  lastRunOf: () => undefined,
  trialOf: () => undefined,
});

const never = (): Promise<never> => new Promise(() => undefined);

const figures = {
  simulationsByStatus: { running: 2 },
  nodesByState: { running: 6 },
  queueLength: 0,
  areWallsUp: true,
  subnets: { used: 4, free: 4 },
};

const pictures: ApiDeps["pictures"] = {
  svg: ({ topology }) => `<svg>${topology.name}</svg>`,
  mermaid: ({ topology }) => `graph LR %% ${topology.name}`,
  dot: ({ topology }) => `graph "${topology.name}" {}`,
};

const none = (): never => {
  throw new Error("Nothing is saved here.");
};
const noSaves: ApiDeps["saves"] = {
  ...{ create: none, list: () => [], archive: none, restore: none, remove: none, tidy: none },
  find() {
    throw new DomainError("not-found", "The simulation has no save with this id.");
  },
};

/** The whole API over real services and an engine in memory. */
export const buildApi = (
  change: (host: TestApi["host"]) => Partial<ApiDeps> = () => ({}),
  more: readonly RouteGroup[] = [],
  host = aHost(),
): TestApi => {
  const refusals = new Map<string, DomainError>();
  const logged: string[] = [];
  const note = (message: string, facts?: unknown): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
  let ids = 0;
  const deps: ApiDeps = {
    ...partsOf(host),
    pictures,
    saves: noSaves,
    tenants: memoryTenants(refusals),
    verifier: {
      verify: (token) =>
        claimsOf[token] === undefined
          ? Promise.reject(new DomainError("unauthenticated", "The access token is not valid for this service."))
          : Promise.resolve(claimsOf[token]),
    },
    checkHealth: makeCheckHealth({ version: "1.2.3", clock: () => new Date(), checks: {}, timeout: never }),
    metrics: makeMetrics({ hasProcessMetrics: false }),
    figures: () => figures,
    timing: usualTiming,
    clock: () => new Date(),
    randomBytes,
    newId: () => `request-${(ids += 1)}`,
    log: { info: note, warn: note, error: note },
    ...change(host),
  };
  return { app: buildServer(deps, more), host, deps, refusals, logged };
};

/** client - front - web - back - db. */
export const threeTiers = JSON.stringify(
  aTopology(["client", "web", "db"], {
    name: "Three-tier lab",
    links: [
      { name: "front", nodes: ["client", "web"], impairment: {}, directions: [] },
      { name: "back", nodes: ["web", "db"], impairment: {}, directions: [] },
    ],
  }),
);

/** Headers of a request as it comes from the gateway. */
export const signedBy = (token: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...{ "x-kombify-gateway-key": gatewayKey, authorization: `Bearer ${token}` },
  ...more,
});

export const yaml = { "content-type": "application/yaml" } as const;
export const json = { "content-type": "application/json" } as const;

/** A simulation that runs: Acme's, unless another token is given. */
export const runningId = async ({ app, host }: TestApi, token = "ada"): Promise<string> => {
  const headers = signedBy(token, yaml);
  const answer = await app.inject({ method: "POST", url: "/v1/simulations?start=true", headers, body: threeTiers });
  if (answer.statusCode !== 202) throw new Error(`not created: ${answer.body}`);
  const { simulation } = answer.json<{ simulation: { id: string } }>();
  await host.reconciler.settled(token === "gil" ? "tenant-globex" : "tenant-acme", simulation.id);
  return simulation.id;
};
