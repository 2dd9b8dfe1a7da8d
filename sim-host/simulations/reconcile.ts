import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { SeenThings } from "../engine/ports.ts";
import { containerWish, wishDigest } from "./container-wish.ts";
import type { ExecuteDeps } from "./execute-step.ts";
import { executeStep } from "./execute-step.ts";
import type { Operations } from "./operations.ts";
import type { Sight, Step } from "./plan-steps.ts";
import { planSteps } from "./plan-steps.ts";
import type { ShapeLinks } from "./shape-links.ts";
import type { Simulation } from "./simulation.ts";
import { failed, isUp, restingStatus, withStatus } from "./simulation-rules.ts";
import type { NodeSight } from "./sync-sight.ts";
import { syncSight } from "./sync-sight.ts";

export interface ReconcileDeps extends ExecuteDeps {
  readonly operations: Operations;
  readonly shapeLinks: ShapeLinks;
  readonly clock: Clock;
  readonly log: Logger;
}

/** More stages than any change needs; a plan that never ends is a fault, and must not spin. */
const roundsMax = 50;

const withHealth = async (
  { engine }: ReconcileDeps,
  simulation: Simulation,
  seen: SeenThings,
): Promise<readonly NodeSight[]> =>
  Promise.all(
    seen.containers.map(async (container) => {
      const node = simulation.topology.nodes.find(({ name }) => name === container.owner.part);
      if (node?.healthcheck === undefined || container.state !== "running") return container;
      const health = (await engine.inspect(container.id))?.health;
      return health === undefined ? container : { ...container, health };
    }),
  );

const digestsOf = (deps: ReconcileDeps, simulation: Simulation): Sight["digests"] =>
  Object.fromEntries(
    simulation.topology.nodes.flatMap((node) => {
      // What was made from an image that the host lost since goes on running.
      if (deps.imageId(node.image) === undefined) {
        const madeFrom = simulation.nodes.find(({ name }) => name === node.name)?.madeFrom;
        return madeFrom === undefined ? [] : [[node.name, madeFrom]];
      }
      const wish = containerWish(simulation, node, { imageId: deps.imageId, generation: 0 });
      return wish === undefined ? [] : [[node.name, wishDigest(wish)]];
    }),
  );

const subnetsOf = ({ store }: ReconcileDeps, { tenantId, id }: Simulation): Sight["subnets"] =>
  Object.fromEntries(
    store.host
      .listSubnets()
      .filter((claim) => claim.tenantId === tenantId && claim.simulationId === id)
      .map(({ link, subnet }) => [link, subnet]),
  );

/** `not-found`: somebody took it away between our look and our step; the next look sees that. */
const transientCodes: readonly string[] = ["unavailable", "walls-down", "not-found"];
const isTransient = (error: unknown): boolean => error instanceof DomainError && transientCodes.includes(error.code);

/** What a failure says to people: our own words, or that it is on our side. */
const errorOf = (error: unknown): { readonly code: string; readonly detail: string } =>
  error instanceof DomainError
    ? { code: error.code, detail: error.message }
    : { code: "internal", detail: "The host could not do it. It has been logged." };

const textOf = (error: unknown): string => (error instanceof Error ? error.message : "not an error");

const verbs: Readonly<Record<Step["kind"], string>> = {
  "remove-container": "taking away node",
  "remove-network": "taking away link",
  "free-subnet": "freeing the addresses of",
  "claim-subnets": "claiming",
  "create-network": "laying link",
  "make-node": "making node",
  start: "starting",
  "note-start": "starting",
  stop: "stopping",
  pause: "pausing",
  resume: "resuming",
  kill: "killing",
};

/**
 * Nothing is left to do: the record says so, and whoever waits is told. False when somebody wants something else since this was
 * seen: what they began has not been done.
 */
const settle = (deps: ReconcileDeps, simulation: Simulation): boolean => {
  const { tenantId, id } = simulation;
  if (deps.records.find(tenantId, id)?.revision !== simulation.revision) return false;
  if (simulation.wanted === "deleted") {
    deps.operations.end(simulation);
    deps.records.tell(tenantId, id, { kind: "status", data: { status: "deleted" }, text: "The simulation is gone" });
    deps.records.remove(tenantId, id);
    return true;
  }
  const settled = deps.records.update(tenantId, id, (present) => {
    const status = restingStatus(present);
    if (status === present.status) return present;
    const now = deps.clock();
    const begins = status === "running" && present.startedAt === undefined;
    const expiresAt = new Date(now.getTime() + present.lifetimeMinutes * 60_000).toISOString();
    const { startedAt, expiresAt: until, ...rest } = withStatus(present, status, now);
    if (status === "stopped" || status === "failed") return rest;
    const times = {
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(until === undefined ? {} : { expiresAt: until }),
    };
    return { ...rest, ...times, ...(begins ? { startedAt: now.toISOString(), expiresAt } : {}) };
  });
  deps.operations.end(simulation, settled?.error);
  return true;
};

/** What takes too long is given up; what cannot be taken away is said to hang, and goes on being tried. */
const enforceDeadline = (deps: ReconcileDeps, simulation: Simulation): Simulation | undefined => {
  const now = deps.clock();
  if (simulation.deadlineAt === undefined || simulation.deadlineAt > now.toISOString()) return simulation;
  const { tenantId, id } = simulation;
  return deps.records.update(tenantId, id, (present) => {
    const detail = "It took too long and was given up. Start it again.";
    if (isUp(present)) return failed(present, { code: "deadline", detail }, now);
    const hangs = { code: "deadline", detail: "Its parts could not be taken away in time; the host goes on trying." };
    return { ...withStatus(present, "failed", now), error: present.error ?? hangs };
  });
};

const runSteps = async (deps: ReconcileDeps, simulation: Simulation, steps: readonly Step[]): Promise<void> => {
  const outcomes = await Promise.allSettled(
    steps.map(async (step) => {
      await executeStep(deps, simulation, step);
      deps.operations.progress(simulation, 1, 0, `${verbs[step.kind]} ${step.subject}`);
    }),
  );
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  const final = reasons.find((reason) => !isTransient(reason));
  if (reasons.length === 0) return;
  if (final === undefined || !isUp(simulation)) throw final ?? reasons[0];
  deps.log.warn("a simulation could not be made", { simulation: simulation.id, reason: textOf(final) });
  const error = errorOf(final);
  deps.records.update(simulation.tenantId, simulation.id, (present) => failed(present, error, deps.clock()));
};

/**
 * Makes the engine as the record of one simulation wants it, whatever it finds, and returns when that is so or when there
 * is nothing of it any more. @throws what kept it from going on; to be tried again
 */
export const makeReconcile =
  (deps: ReconcileDeps) =>
  async (tenantId: string, id: string): Promise<void> => {
    for (let round = 0; round < roundsMax; round += 1) {
      const found = deps.records.find(tenantId, id);
      const simulation = found === undefined ? undefined : enforceDeadline(deps, found);
      if (simulation === undefined) return deps.shapeLinks(tenantId, id);
      const seen = await deps.engine.list({ tenantId, simulationId: id });
      const containers = await withHealth(deps, simulation, seen);
      const sight = { containers, networks: seen.networks };
      const synced = deps.records.update(tenantId, id, (present) => syncSight(present, sight));
      if (synced === undefined) return deps.shapeLinks(tenantId, id);
      const steps = planSteps(synced, { ...sight, subnets: subnetsOf(deps, synced), digests: digestsOf(deps, synced) });
      if (steps.length === 0) {
        await deps.shapeLinks(tenantId, id);
        if (settle(deps, synced)) return;
        continue;
      }
      deps.operations.progress(
        synced,
        0,
        steps.length,
        `${verbs[steps[0]?.kind ?? "start"]} ${steps[0]?.subject ?? ""}`,
      );
      await runSteps(deps, synced, steps);
    }
    throw new Error(`The simulation ${id} did not settle in ${roundsMax} rounds.`);
  };
