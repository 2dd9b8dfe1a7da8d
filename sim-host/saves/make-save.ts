import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Engine } from "../engine/ports.ts";
import { recordId } from "../simulations/names.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { RunningNode } from "./node-tar.ts";
import { isRunning, makeTimeLeft, refuseExit } from "./node-tar.ts";
import type { Save, SavedNode, SaveStore } from "./ports.ts";
import type { SaveFiles } from "./save-files.ts";

export interface SaveDeps {
  readonly engine: Pick<Engine, "run">;
  readonly store: SaveStore;
  readonly files: SaveFiles;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** A full /data of 32 MB, and what an archive adds to it. */
const nodeBytesMax = 40 * 1024 * 1024;
const tenantBytesMax = 500 * 1024 * 1024;
const savesMax = 10;
const idBytes = 16;
const command = ["tar", "-cf", "-", "-C", "/data", "."];

/** @throws DomainError `simulation-limit-reached` when that much more would be too much */
const requireRoom = (store: SaveStore, { tenantId, id }: Simulation, bytesMore: number): void => {
  const tenant = store.forTenant(tenantId);
  if (tenant.list(id).length >= savesMax) {
    throw new DomainError("simulation-limit-reached", `A simulation has ${savesMax} saves at most. Delete one first.`);
  }
  if (tenant.bytes() + bytesMore > tenantBytesMax) {
    throw new DomainError("simulation-limit-reached", "All saves together take 500 MB at most. Delete some first.");
  }
};

const saveNode = async (
  { engine, files }: SaveDeps,
  id: string,
  { name, containerId }: RunningNode,
  timeoutMilliseconds: number,
): Promise<SavedNode> => {
  const options = { outputBytesMax: nodeBytesMax, timeoutMilliseconds, leavesOutErrors: true };
  const { exitCode, output, isCut } = await engine.run(containerId, command, options);
  if (isCut) {
    throw new DomainError("too-large", `The node ${name} has more than 40 MB below /data.`, { facts: { node: name } });
  }
  refuseExit(name, exitCode);
  return files.write(id, name, output);
};

/** Saves what every running node has below /data, whole or not at all. `underWay` has the save's id meanwhile. */
export const makeMakeSave =
  (deps: SaveDeps, underWay: Set<string>) =>
  async (simulation: Simulation): Promise<Save> => {
    const { store, files, clock, randomBytes } = deps;
    const running = simulation.nodes.filter(isRunning);
    if (running.length === 0) throw new DomainError("simulation-state", "No node runs, so there is nothing to save.");
    requireRoom(store, simulation, 0);
    const id = recordId("save", randomBytes(idBytes));
    const timeLeft = makeTimeLeft(clock);
    underWay.add(id);
    try {
      const nodes: SavedNode[] = [];
      // One after the other: an archive is held in memory.
      for (const node of running) nodes.push(await saveNode(deps, id, node, timeLeft()));
      await files.finish(id);
      requireRoom(
        store,
        simulation,
        nodes.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      const { tenantId, id: simulationId } = simulation;
      const save = { tenantId, simulationId, id, createdAt: clock().toISOString(), nodes };
      store.forTenant(tenantId).insert(save);
      return save;
    } catch (error) {
      await files.remove(id);
      throw error;
    } finally {
      underWay.delete(id);
    }
  };
