import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleepFor } from "node:timers/promises";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { Simulations } from "./build-simulations.ts";
import type { Engine } from "./engine/ports.ts";
import type { Links } from "./links/ports.ts";
import { captureFiles } from "./runs/capture-files.ts";
import { netnsProbers } from "./runs/netns-prober.ts";
import type { RunStore, Time } from "./runs/ports.ts";
import { startProbeChild } from "./runs/probe-child.ts";
import { makeRestoreTopology } from "./runs/restore-topology.ts";
import type { RunServices } from "./runs/run-services.ts";
import { makeRunServices } from "./runs/run-services.ts";
import { recordId } from "./simulations/names.ts";

interface Deps {
  readonly dataDirectory: string;
  readonly runs: RunStore;
  readonly engine: Engine;
  readonly links: Links;
  readonly simulations: Simulations;
  readonly clock: Clock;
  readonly log: Logger;
}

const idBytes = 13;
/** Programs that probe, of all runs together: some 50 MB each. */
const probersMax = 24;

const time: Time = {
  nowMilliseconds: () => performance.now(),
  sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** What plays timelines, wired. */
export const buildRuns = ({ dataDirectory, runs, engine, links, simulations, clock, log }: Deps): RunServices => {
  const { services, records, hub, wake, reconciler } = simulations;
  return makeRunServices({
    ...{ services, records, hub, engine, links, runs, time, clock, log },
    settled: (tenantId, simulationId) => reconciler.settled(tenantId, simulationId),
    restore: makeRestoreTopology({ services, records, wake, log }),
    openProber: netnsProbers({ childrenMax: probersMax, startChild: startProbeChild, log }),
    files: captureFiles(join(dataDirectory, "captures")),
    newId: () => recordId("run", randomBytes(idBytes)),
  });
};
