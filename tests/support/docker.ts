import { execFile } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import Docker from "dockerode";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerEngine } from "../../sim-host/engine/docker-engine.ts";
import { bridgeName } from "../../sim-host/engine/names.ts";
import type { ContainerWish, DockerId, Owner } from "../../sim-host/engine/ports.ts";

const run = promisify(execFile);
const busybox = "/bin/busybox";
const tag = "kombify-test/busybox:1";

/** Of the engine that tests may use: real, and with the rights of root. */
export const testSocketPath = process.env["KOMBIFY_TEST_DOCKER_SOCKET"] ?? "/var/run/docker.sock";

/** The engine past all our guards: to look at what ours has done, and to do what ours must never do. */
export const rawDocker = (socketPath = testSocketPath): Docker => new Docker({ socketPath, host: undefined });

/** Makes sure that the engine has an image of busybox and nothing else (`/data` and `/tmp` are there). Answers its id. */
export const testImage = async (docker: Docker): Promise<string> => {
  try {
    return (await docker.getImage(tag).inspect()).Id;
  } catch {
    const root = await mkdtemp(join(tmpdir(), "kombify-image-"));
    for (const folder of ["bin", "data", "tmp", "etc", "proc", "sys", "dev"]) await mkdir(join(root, folder));
    await copyFile(busybox, join(root, "bin", "busybox"));
    const { stdout } = await run(busybox, ["--list"]);
    const applets = stdout.split("\n").filter((applet) => applet !== "" && applet !== "busybox");
    for (const applet of applets) await symlink("busybox", join(root, "bin", applet));
    const archive = await run("tar", ["-C", root, "-c", "."], { encoding: "buffer", maxBuffer: 32_000_000 });
    const [repo, version] = tag.split(":");
    const answer = await docker.importImage(Readable.from([archive.stdout]), {
      repo,
      tag: version,
      changes: ['CMD ["/bin/sleep","infinity"]', "ENV PATH=/bin"],
    });
    for await (const line of answer) if (line.toString().includes('"error"')) throw new Error(line.toString());
    await rm(root, { recursive: true });
    return (await docker.getImage(tag).inspect()).Id;
  }
};

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
