import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { HostTraces, MarkedPort } from "./host-traces.ts";
import type { PortState } from "./ports.ts";
import type { PortWork } from "./set-port.ts";
import type { Turns } from "./turns.ts";

interface CheckDeps {
  readonly traces: Pick<HostTraces, "marked" | "redirected" | "clear">;
  readonly work: Pick<PortWork, "establish">;
  readonly turns: Turns;
  /** What every port shall be like. */
  readonly wanted: ReadonlyMap<string, PortState>;
  readonly logger: Logger;
}

type InPlace = (state: PortState) => boolean;

/** Looks at marked ports and answers which states are in place: marked, plugged in or not, and redirected to a relay that is there. */
const look = async ({ traces, wanted }: CheckDeps, marked: readonly MarkedPort[]): Promise<InPlace> => {
  const impaired = marked.filter(({ portId }) => (wanted.get(portId)?.bySource.length ?? 0) > 0);
  const redirected = await traces.redirected(impaired);
  return ({ portId, isDown, bySource }) => {
    const port = marked.find((candidate) => candidate.portId === portId);
    return port !== undefined && port.isUp !== isDown && (bySource.length === 0 || redirected.has(port.name));
  };
};

/**
 * Puts back what is gone, and takes away what nobody wants; ports that are kept stay as they are. Each port in its turn, and
 * looked at once more in it.
 */
export const makeCheckPorts = (deps: CheckDeps) => {
  const { traces, work, turns, wanted, logger } = deps;
  const putBack = async (state: PortState): Promise<void> => {
    const { portId } = state;
    // Changed or released meanwhile: whoever did that has seen to it.
    if (wanted.get(portId) !== state) return;
    if ((await look(deps, await traces.marked(portId)))(state)) return;
    try {
      await work.establish(state);
      logger.warn("a link's port was changed from outside and put right", { portId });
    } catch (error) {
      // A node that has ended has no port; whoever looks after it learns of that by itself.
      if (error instanceof DomainError && error.code === "not-found") return;
      logger.warn("a link's port is not as it should be, and could not be put right", { portId, error: String(error) });
    }
  };
  const takeAway = async (port: MarkedPort): Promise<void> => {
    if (!wanted.has(port.portId)) await traces.clear(port);
  };
  return async (kept: ReadonlySet<string>): Promise<void> => {
    const marked = await traces.marked();
    const isInPlace = await look(deps, marked);
    const broken = [...wanted.values()].filter((state) => !isInPlace(state));
    const nobodys = marked.filter(({ portId }) => !wanted.has(portId) && !kept.has(portId));
    await Promise.all([
      ...broken.map((state) => turns.take(state.portId, () => putBack(state))),
      ...nobodys.map((port) => turns.take(port.portId, () => takeAway(port))),
    ]);
  };
};
