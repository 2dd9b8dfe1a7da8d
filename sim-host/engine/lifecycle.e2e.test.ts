import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rawDocker, testImage, testSocketPath, testTenant } from "../../tests/support/docker.ts";
import { dockerEngine } from "./docker-engine.ts";
import { dockerId } from "./docker-id.ts";
import { bridgeName } from "./names.ts";
import type { ContainerState } from "./ports.ts";

const engine = dockerEngine({ socketPath: testSocketPath });
const nobody = dockerId("0".repeat(64));
const text = new TextDecoder();

describe("containers and networks on a real engine", () => {
  let imageId: string;
  let tenant: ReturnType<typeof testTenant>;
  beforeAll(async () => {
    imageId = await testImage(rawDocker());
  });
  beforeEach(() => {
    tenant = testTenant(engine, imageId);
  });
  afterEach(() => tenant.cleanUp());
  const stateOf = async (id: ReturnType<typeof dockerId>): Promise<ContainerState | undefined> =>
    (await engine.inspect(id))?.state;

  it("says what the engine is", async () => {
    const { version, runtimes } = await engine.ping();
    expect(version).toMatch(/^\d+\./);
    expect(runtimes).toContain("runc");
  });

  it("has the images that containers are made from", async () => {
    expect(await engine.imageIds()).toContain(imageId);
  });

  it("makes a container, shows it, and removes it, each twice", async () => {
    const id = await engine.createContainer(tenant.aContainer("web"));
    expect(await engine.inspect(id)).toMatchObject({ id, owner: tenant.ownerOf("web"), state: "created" });
    expect((await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" })).containers).toStrictEqual([
      { id, owner: tenant.ownerOf("web"), state: "created" },
    ]);
    await engine.removeContainer(id);
    await engine.removeContainer(id);
    expect(await engine.inspect(id)).toBeUndefined();
    expect((await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" })).containers).toStrictEqual([]);
  });

  it("brings a container into each state, twice", async () => {
    const id = await engine.createContainer(tenant.aContainer("web"));
    const steps = [
      ["start", "running"],
      ["pause", "paused"],
      ["resume", "running"],
      ["stop", "exited"],
      ["start", "running"],
      ["kill", "exited"],
    ] as const;
    for (const [step, state] of steps) {
      await engine[step](id);
      expect(await stateOf(id)).toBe(state);
      await engine[step](id);
      expect(await stateOf(id)).toBe(state);
    }
    expect(await engine.inspect(id)).toMatchObject({ exitCode: 137, isOutOfMemory: false, sandboxKey: "" });
    const { containers } = await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" });
    expect(containers).toMatchObject([{ id, state: "exited", exitCode: 137 }]);
  });

  it("ends a container that is paused", async () => {
    const id = await engine.createContainer(tenant.aContainer("web"));
    await engine.start(id);
    for (const end of ["stop", "kill"] as const) {
      await engine.pause(id);
      await engine[end](id);
      expect(await stateOf(id)).toBe("exited");
      await engine.start(id);
    }
  });

  it("refuses what a container's state does not allow, and what is gone", async () => {
    const id = await engine.createContainer(tenant.aContainer("web"));
    await expect(engine.pause(id)).rejects.toMatchObject({ code: "conflict" });
    await expect(engine.start(nobody)).rejects.toMatchObject({ code: "not-found" });
    await expect(engine.stop(nobody)).rejects.toMatchObject({ code: "not-found" });
    await engine.removeContainer(nobody);
    await engine.removeNetwork(nobody);
    expect(await engine.inspect(nobody)).toBeUndefined();
  });

  it("lets nodes of one link find each other by name and at their addresses, on several links", async () => {
    const [front, back] = [await tenant.aNetwork("front"), await tenant.aNetwork("back")];
    const web = await engine.createContainer(
      tenant.aContainer("web", {
        attachments: [
          { networkId: front.id, ipAddress: front.address(2), aliases: ["web"] },
          { networkId: back.id, ipAddress: back.address(2), aliases: ["web"] },
        ],
      }),
    );
    const attachments = [{ networkId: back.id, ipAddress: back.address(3), aliases: ["db"] }];
    const command = ["nc", "-ll", "-p", "5432", "-e", "cat", "/etc/hosts"];
    const db = await engine.createContainer(tenant.aContainer("db", { attachments, command }));
    await Promise.all([engine.start(web), engine.start(db)]);
    const seen = await engine.inspect(web);
    const addresses = new Map(seen?.attachments.map(({ networkId, ipAddress }) => [networkId, ipAddress]));
    expect(addresses).toStrictEqual(
      new Map([
        [front.id, front.address(2)],
        [back.id, back.address(2)],
      ]),
    );
    expect(seen?.sandboxKey).toMatch(/^\/.*netns/);
    expect(seen?.attachments[0]?.macAddress).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    const ask = ["sh", "-c", "until nc -w 5 db 5432; do usleep 50000; done"];
    const { exitCode, output } = await engine.run(web, ask, { outputBytesMax: 4096, timeoutMilliseconds: 10_000 });
    expect(text.decode(output)).toContain(`${back.address(3)}\tdb`);
    expect(exitCode).toBe(0);
  });

  it("keeps a network while a node is on it, and removes it afterwards, twice", async () => {
    const link = await tenant.aNetwork("link");
    const attachments = [{ networkId: link.id, ipAddress: link.address(2), aliases: ["web"] }];
    const id = await engine.createContainer(tenant.aContainer("web", { attachments }));
    await engine.start(id);
    await expect(engine.removeNetwork(link.id)).rejects.toMatchObject({ code: "conflict" });
    await engine.removeContainer(id);
    await engine.removeNetwork(link.id);
    await engine.removeNetwork(link.id);
    expect((await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" })).networks).toStrictEqual([]);
  });

  it("lists networks with what they were made with", async () => {
    const link = await tenant.aNetwork("link");
    const { networks } = await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" });
    const owner = tenant.ownerOf("link");
    const subnet = `${link.address(0)}/27`;
    expect(networks).toStrictEqual([{ id: link.id, owner, subnet, bridgeName: bridgeName(owner) }]);
  });

  it("replaces what a call that was cut off, or an earlier host, left of the same part", async () => {
    const lost = await engine.createContainer(tenant.aContainer("web"));
    const next = await engine.createContainer(tenant.aContainer("web", { owner: tenant.ownerOf("web", 2) }));
    expect(await engine.inspect(lost)).toBeUndefined();
    expect(await stateOf(next)).toBe("created");
    const link = await tenant.aNetwork("link");
    const owner = tenant.ownerOf("link", 2);
    const wish = { owner, bridgeName: bridgeName(owner), subnet: `${link.address(0)}/27` };
    const again = await engine.createNetwork(wish);
    expect((await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" })).networks).toMatchObject([
      { id: again, owner },
    ]);
  });

  it("leaves alone what a newer holder of the lease has made", async () => {
    const theirs = await engine.createContainer(tenant.aContainer("web", { owner: tenant.ownerOf("web", 7) }));
    await expect(engine.createContainer(tenant.aContainer("web"))).rejects.toMatchObject({ code: "conflict" });
    expect(await stateOf(theirs)).toBe("created");
  });

  it("does not take one tenant's parts for another's, whose names join to the same", async () => {
    const wishOf = (simulationId: string, part: string) =>
      tenant.aContainer("x", { owner: { ...tenant.ownerOf(part), simulationId }, hostname: "x" });
    const ids = [await engine.createContainer(wishOf("a", "b_c")), await engine.createContainer(wishOf("a_b", "c"))];
    const listed = await Promise.all(
      ["a", "a_b"].map(
        async (simulationId) => (await engine.list({ tenantId: tenant.tenantId, simulationId })).containers,
      ),
    );
    expect(listed.map((some) => some.map(({ id }) => id))).toStrictEqual([[ids[0]], [ids[1]]]);
    await Promise.all(ids.map((id) => engine.removeContainer(dockerId(id))));
  });

  it("removes a container that could not be put on all of its networks", async () => {
    const link = await tenant.aNetwork("link");
    const attachments = [
      { networkId: link.id, ipAddress: link.address(2), aliases: ["web"] },
      { networkId: link.id, ipAddress: link.address(3), aliases: ["web"] },
    ];
    await expect(engine.createContainer(tenant.aContainer("web", { attachments }))).rejects.toThrow();
    expect((await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" })).containers).toStrictEqual([]);
  });

  it("says that a network is gone, which the engine notices only at the start", async () => {
    const attachments = [{ networkId: nobody, ipAddress: "10.63.0.2", aliases: ["web"] }];
    const id = await engine.createContainer(tenant.aContainer("web", { attachments }));
    await expect(engine.start(id)).rejects.toMatchObject({
      code: "conflict",
      message: "A network of the node is gone.",
    });
  });

  it("says that addresses are taken when another's network has them", async () => {
    const link = await tenant.aNetwork("link");
    const owner = tenant.ownerOf("other");
    const wish = { owner, bridgeName: bridgeName(owner), subnet: `${link.address(0)}/27` };
    await expect(engine.createNetwork(wish)).rejects.toMatchObject({ code: "conflict" });
  });
});
