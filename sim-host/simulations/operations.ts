import type { Clock } from "../../shared/kernel/clock.ts";
import type { SimulationStore } from "./ports.ts";
import type { Records } from "./records.ts";
import type { Operation, Simulation } from "./simulation.ts";

type Key = Pick<Simulation, "tenantId" | "id">;

/** Work that people follow. One is running per simulation: a newer one takes the place of an older. */
export interface Operations {
  begin(key: Key, kind: Operation["kind"], stepsTotal: number): Operation;
  /** So many steps were done, so many more are known. */
  progress(key: Key, done: number, planned: number, step: string | undefined): void;
  /** @param error why it failed; without one it succeeded */
  end(key: Key, error?: Operation["error"]): void;
}

interface Deps {
  readonly store: SimulationStore;
  readonly records: Records;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Told of each operation that has ended, after it was kept. */
  readonly onEnded?: (operation: Operation) => void;
}

export const makeOperations = ({ store, records, clock, newId, onEnded }: Deps): Operations => {
  const running = ({ tenantId, id }: Key) => store.forTenant(tenantId).listOperations(id);
  const tell = ({ tenantId, simulationId, ...operation }: Operation): void => {
    const { id, kind, status, stepsDone, stepsTotal } = operation;
    const data = { id, kind, status, stepsDone, stepsTotal, step: operation.step ?? null };
    records.tell(tenantId, simulationId, { kind: "operation", data, text: `${kind} ${status}` });
  };
  const finish = (operation: Operation, status: Operation["status"], error?: Operation["error"]): void => {
    const { step: _over, ...rest } = operation;
    const ended = { ...rest, status, endedAt: clock().toISOString(), ...(error === undefined ? {} : { error }) };
    const done = status === "succeeded" ? { ...ended, stepsTotal: ended.stepsDone } : ended;
    records.putOperation(done);
    tell(done);
    onEnded?.(done);
  };
  return {
    begin(key, kind, stepsTotal) {
      for (const older of running(key)) finish(older, "superseded");
      const operation: Operation = {
        ...{ tenantId: key.tenantId, simulationId: key.id, id: newId(), kind, status: "running" },
        ...{ stepsDone: 0, stepsTotal, createdAt: clock().toISOString() },
      };
      records.putOperation(operation);
      tell(operation);
      return operation;
    },
    progress(key, done, planned, step) {
      for (const operation of running(key)) {
        const stepsDone = operation.stepsDone + done;
        const stepsTotal = Math.max(operation.stepsTotal, stepsDone + planned);
        const { step: _before, ...rest } = operation;
        records.putOperation({ ...rest, stepsDone, stepsTotal, ...(step === undefined ? {} : { step }) });
      }
    },
    end(key, error) {
      for (const operation of running(key)) finish(operation, error === undefined ? "succeeded" : "failed", error);
    },
  };
};
