import type { Clock } from "../../shared/kernel/clock.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { SimulationStore, TenantStanding } from "../simulations/ports.ts";
import type { Queue } from "../simulations/queue.ts";
import type { Records } from "../simulations/records.ts";
import type { Simulation, Subject } from "../simulations/simulation.ts";
import { isUp, withStatus } from "../simulations/simulation-rules.ts";

interface Deps {
  readonly store: SimulationStore;
  readonly records: Records;
  readonly queue: Queue;
  readonly wake: (tenantId: string, id: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const operationsDays = 7;

const isWanted = (simulation: Simulation): boolean => isUp(simulation) || simulation.status === "queued";

const stop = ({ records, wake, clock }: Deps, { tenantId, id }: Simulation, text: string): void => {
  records.tell(tenantId, id, { kind: "status", data: { status: "stopping", reason: text }, text });
  records.update(tenantId, id, (present) =>
    isWanted(present) ? { ...withStatus(present, "stopping", clock()), wanted: "stopped" } : present,
  );
  wake(tenantId, id);
};

/** Stops what has run long enough, looks again at what is late, and lets waiting ones in. Cheap: every few seconds. */
export const makeSweep = (deps: Deps) => (): void => {
  const now = deps.clock();
  const iso = now.toISOString();
  for (const simulation of deps.store.host.listActive()) {
    const { tenantId, id, expiresAt, deadlineAt } = simulation;
    if (isUp(simulation) && expiresAt !== undefined && expiresAt <= iso) stop(deps, simulation, "Its time is up");
    if (deadlineAt !== undefined && deadlineAt <= iso) deps.wake(tenantId, id);
  }
  deps.store.host.dropOperations(new Date(now.getTime() - operationsDays * 86_400_000).toISOString());
  deps.queue.admit();
};

/** What the control plane says of the tenant for whom somebody acts; undefined when it does not answer. */
export type AskStanding = (subject: Subject) => Promise<Pick<TenantStanding, "isActive"> | undefined>;

/** Stops what belongs to tenants that were suspended or are gone. Nothing is stopped because nobody answers. */
export const makeStopSuspended = (deps: Deps, ask: AskStanding) => async (): Promise<void> => {
  const up = deps.store.host.listActive().filter(isWanted);
  const asked = new Map<string, Promise<Pick<TenantStanding, "isActive"> | undefined>>();
  for (const simulation of up) {
    const standing = asked.get(simulation.tenantId) ?? ask(simulation.createdBy);
    asked.set(simulation.tenantId, standing);
    if ((await standing)?.isActive !== false) continue;
    deps.log.info("a simulation of a suspended tenant is stopped", { simulation: simulation.id });
    stop(deps, simulation, "The tenant is suspended");
  }
};
