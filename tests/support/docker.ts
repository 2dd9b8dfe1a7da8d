import { randomInt, randomUUID } from "node:crypto";
import Docker from "dockerode";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerEngine } from "../../sim-host/engine/docker-engine.ts";
import { bridgeName } from "../../sim-host/engine/names.ts";
import type { ContainerWish, DockerId, Owner } from "../../sim-host/engine/ports.ts";

/** The engine past all our guards: to look at what ours has done, and to do what ours must never do. */
export const rawDocker = (socketPath: string): Docker => new Docker({ socketPath, host: undefined });

/** A tenant of a test's own, and what it takes to make and unmake its things. */
export const testTenant = (engine: DockerEngine, imageId: string) => {
  const tenantId = `test-${randomUUID()}`;
  const ownerOf = (part: string, generation = 1, simulationId = "s1"): Owner => ({
    tenantId,
    simulationId,
    part,
    generation,
  });
  const aContainer = (part: string, overrides: Partial<ContainerWish> = {}): ContainerWish => ({
    owner: ownerOf(part),
    imageId,
    command: ["/bin/sleep", "infinity"],
    environment: {},
    hostname: part,
    memoryMegabytes: 64,
    cpus: 1,
    pidsMax: 32,
    attachments: [],
    ...overrides,
  });
  /** Makes a network on addresses that are free in the engine. */
  const aNetwork = async (
    part: string,
  ): Promise<{ readonly id: DockerId; readonly address: (host: number) => string }> => {
    for (let attempt = 1; ; attempt += 1) {
      const prefix = `10.${randomInt(64, 250)}.${randomInt(0, 256)}`;
      const base = 32 * randomInt(0, 8);
      const wish = { owner: ownerOf(part), bridgeName: bridgeName(ownerOf(part)), subnet: `${prefix}.${base}/27` };
      try {
        return { id: await engine.createNetwork(wish), address: (host) => `${prefix}.${base + host}` };
      } catch (error) {
        if (!(error instanceof DomainError && error.code === "conflict") || attempt >= 10) throw error;
      }
    }
  };
  const cleanUp = async (): Promise<void> => {
    const seen = await engine.list({ tenantId, simulationId: "s1" });
    await Promise.all(seen.containers.map(({ id }) => engine.removeContainer(id)));
    await Promise.all(seen.networks.map(({ id }) => engine.removeNetwork(id)));
  };
  return { tenantId, ownerOf, aContainer, aNetwork, cleanUp };
};
