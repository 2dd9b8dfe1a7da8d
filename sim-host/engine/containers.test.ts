import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dockerEngine } from "./docker-engine.ts";
import type { ContainerWish } from "./ports.ts";

const wish: ContainerWish = {
  owner: { tenantId: "t1", simulationId: "s1", part: "web", generation: 1 },
  imageId: `sha256:${"c".repeat(64)}`,
  environment: {},
  hostname: "web",
  memoryMegabytes: 64,
  cpus: 1,
  pidsMax: 32,
  attachments: [],
};
const able = { ServerVersion: "29.1.0", Runtimes: { runc: {} }, SecurityOptions: ["name=seccomp,profile=builtin"] };

describe("an engine that cannot make nodes as they must be", () => {
  const folder = mkdtempSync(join(tmpdir(), "kombify-engine-"));
  const socketPath = join(folder, "engine.sock");
  const asked: string[] = [];
  let info: object = able;
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    response.setHeader("content-type", "application/json").end(JSON.stringify(info));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(socketPath, resolve)));
  beforeEach(() => asked.splice(0));
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("is asked for none when it does not filter their system calls", async () => {
    info = { ...able, SecurityOptions: ["name=apparmor"] };
    await expect(dockerEngine({ socketPath }).createContainer(wish)).rejects.toMatchObject({
      code: "container-not-hardened",
      deviations: ["seccomp"],
    });
    expect(asked).toStrictEqual(["GET /info"]);
  });

  it("is asked for none when it lacks the runtime that they are to run in", async () => {
    info = able;
    const engine = dockerEngine({ socketPath, runtime: "runsc" });
    await expect(engine.createContainer(wish)).rejects.toMatchObject({ code: "unavailable" });
    expect(asked).toStrictEqual(["GET /info"]);
  });

  it("is asked for none that the wish does not bound", async () => {
    const engine = dockerEngine({ socketPath });
    await expect(engine.createContainer({ ...wish, memoryMegabytes: 0 })).rejects.toMatchObject({
      code: "invalid-input",
    });
    expect(asked).toStrictEqual([]);
  });

  it("is asked anew what it is with each ping, as it may be another one", async () => {
    const engine = dockerEngine({ socketPath });
    info = able;
    expect(await engine.ping()).toStrictEqual({ version: "29.1.0", runtimes: ["runc"] });
    info = { ...able, ServerVersion: "29.2.0" };
    expect(await engine.ping()).toMatchObject({ version: "29.2.0" });
  });

  it("is not an engine when something else answers", async () => {
    info = { hello: "there" };
    await expect(dockerEngine({ socketPath }).ping()).rejects.toMatchObject({ code: "unavailable" });
    await expect(dockerEngine({ socketPath }).list()).rejects.toMatchObject({ code: "unavailable" });
    await expect(dockerEngine({ socketPath }).imageIds()).rejects.toMatchObject({ code: "unavailable" });
  });
});
