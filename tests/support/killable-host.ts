import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startControlPlane } from "./control-plane.ts";
import type { TestEngine } from "./docker-engine.ts";
import { startEngineProxy } from "./engine-proxy.ts";
import type { SimHostProcess } from "./sim-host-process.ts";
import { simClient, startSimHost } from "./sim-host-process.ts";

/** A host of its own on an engine that it may share, which can be killed between any change and its hearing of it. */
export interface KillableHost {
  call(method: string, path: string, body?: unknown): Promise<Response>;
  /**
   * Acts, and kills the host when the engine has made its nth change, counted from now, before the host knows; then starts it
   * again. Answers whether it came to that.
   */
  withDeathAt(change: number, act: () => Promise<void>): Promise<boolean>;
  /** Rows of the ledger of subnets. */
  subnetsOf(simulationId: string): number;
  /** Of the process that runs now. */
  log(): string;
  close(): Promise<void>;
}

export const startKillableHost = async ({ socketPath, toolbox }: TestEngine): Promise<KillableHost> => {
  const directory = await mkdtemp(join(tmpdir(), "ksim-"));
  const controlPlane = await startControlPlane();
  const proxy = await startEngineProxy(socketPath, join(directory, "engine.sock"));
  const start = (): Promise<SimHostProcess> =>
    startSimHost({ directory, socketPath: proxy.socketPath, toolbox, controlPlane });
  let host = await start();
  const { call } = simClient(() => host, controlPlane, "acme");
  return {
    call,
    log: () => host.log(),
    async withDeathAt(change, act) {
      let left = change;
      let death: Promise<void> | undefined;
      proxy.onChange = async (_call, moment) => {
        if (moment !== "after") return;
        left -= 1;
        if (left > 0 || death !== undefined) return;
        death = host.kill();
        await death;
      };
      try {
        await act();
      } catch (error) {
        // Whoever asks a host that is killed is not answered; otherwise it is a failure.
        if (death === undefined) throw error;
      } finally {
        proxy.onChange = () => undefined;
      }
      if (death === undefined) return false;
      await death;
      host = await start();
      return true;
    },
    subnetsOf(simulationId) {
      const database = new DatabaseSync(join(directory, "data", "simulations.sqlite"), { readOnly: true });
      try {
        const row = database.prepare("SELECT count(*) AS n FROM subnets WHERE simulation_id = ?").get(simulationId);
        return Number(row?.["n"]);
      } finally {
        database.close();
      }
    },
    async close() {
      await host.stop();
      await proxy.close();
      await controlPlane.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
