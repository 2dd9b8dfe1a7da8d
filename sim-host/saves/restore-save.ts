import { DomainError } from "../../shared/kernel/errors.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { SaveDeps } from "./make-save.ts";
import type { RunningNode } from "./node-tar.ts";
import { isRunning, makeTimeLeft, refuseExit } from "./node-tar.ts";
import type { Save, SavedNode } from "./ports.ts";

type RestoreDeps = Pick<SaveDeps, "engine" | "files" | "clock">;

const messageBytesMax = 4_096;
const command = ["tar", "-xf", "-", "-C", "/data"];

interface Pair {
  readonly saved: SavedNode;
  readonly node: RunningNode;
}

/** @throws DomainError `not-found`, `simulation-state` */
const pairOf = ({ nodes }: Simulation, save: Save, name: string): Pair => {
  const saved = save.nodes.find((candidate) => candidate.name === name);
  if (saved === undefined) throw new DomainError("not-found", `The save has no files of a node ${name}.`);
  const node = nodes.filter(isRunning).find((candidate) => candidate.name === name);
  if (node !== undefined) return { saved, node };
  throw new DomainError("simulation-state", `The node ${name} does not run.`, { facts: { node: name } });
};

/**
 * Puts files back into nodes, over what is there; what was not saved stays. The archive is unpacked in the node and by the
 * node: whatever it holds, it can do there only what the node can do anyway. May be repeated.
 */
export const makeRestoreSave =
  ({ engine, files, clock }: RestoreDeps) =>
  async (simulation: Simulation, save: Save, only?: readonly string[]): Promise<readonly string[]> => {
    const names = only ?? save.nodes.map(({ name }) => name);
    const pairs = names.map((name) => pairOf(simulation, save, name));
    for (const { saved } of pairs) {
      if (await files.isIntact(save.id, saved)) continue;
      throw new DomainError("conflict", `What was saved of ${saved.name} is damaged. Nothing was put back.`);
    }
    const timeLeft = makeTimeLeft(clock);
    for (const { saved, node } of pairs) {
      const timeoutMilliseconds = timeLeft();
      const input = files.read(save.id, saved.name);
      const options = { input, outputBytesMax: messageBytesMax, timeoutMilliseconds };
      const { exitCode } = await engine.run(node.containerId, command, options);
      refuseExit(saved.name, exitCode);
    }
    return names;
  };
