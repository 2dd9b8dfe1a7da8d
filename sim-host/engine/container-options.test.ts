import { describe, expect, it } from "vitest";
import { containerOptions } from "./container-options.ts";
import { checkContainerWish } from "./container-wish.ts";
import { dockerId } from "./docker-id.ts";
import type { ContainerWish } from "./ports.ts";

const [front, back] = [dockerId("a".repeat(64)), dockerId("b".repeat(64))];
const imageId = `sha256:${"c".repeat(64)}`;
const wish: ContainerWish = {
  owner: { tenantId: "t1", simulationId: "s1", part: "web", generation: 3 },
  imageId,
  command: ["httpd", "-f"],
  environment: { ROLE: "web", EMPTY: "" },
  hostname: "web",
  memoryMegabytes: 64,
  cpus: 0.25,
  pidsMax: 64,
  healthcheck: { command: ["true"], intervalSeconds: 5, timeoutSeconds: 2, retries: 3 },
  attachments: [
    { networkId: front, ipAddress: "10.111.3.34", aliases: ["web"] },
    { networkId: back, ipAddress: "10.111.3.66", aliases: ["web"] },
  ],
};

describe("what a node is made with", () => {
  it("is exactly this", () => {
    expect(containerOptions(wish, { hasInit: true, runtime: "runsc" })).toStrictEqual({
      Image: imageId,
      User: "65534:65534",
      Hostname: "web",
      Env: ["ROLE=web", "EMPTY="],
      Cmd: ["httpd", "-f"],
      StopTimeout: 5,
      Healthcheck: { Test: ["CMD", "true"], Interval: 5e9, Timeout: 2e9, Retries: 3 },
      Labels: {
        "kombify.sim.managed": "1",
        "kombify.sim.tenant": "t1",
        "kombify.sim.id": "s1",
        "kombify.sim.part": "web",
        "kombify.sim.generation": "3",
      },
      HostConfig: {
        NetworkMode: front,
        Privileged: false,
        CapDrop: ["ALL"],
        CapAdd: [],
        SecurityOpt: ["no-new-privileges:true"],
        ReadonlyRootfs: true,
        Tmpfs: {
          "/tmp": "rw,noexec,nosuid,nodev,size=16m,nr_inodes=8192,mode=1777,uid=65534,gid=65534",
          "/data": "rw,noexec,nosuid,nodev,size=32m,nr_inodes=8192,mode=1777,uid=65534,gid=65534",
        },
        PidsLimit: 64,
        Memory: 67_108_864,
        MemorySwap: 67_108_864,
        NanoCpus: 250_000_000,
        Ulimits: [
          { Name: "nofile", Soft: 1024, Hard: 1024 },
          { Name: "core", Soft: 0, Hard: 0 },
        ],
        ShmSize: 8_388_608,
        Init: true,
        IpcMode: "private",
        CgroupnsMode: "private",
        RestartPolicy: { Name: "no" },
        AutoRemove: false,
        PublishAllPorts: false,
        PortBindings: {},
        LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } },
        Dns: ["127.0.0.1"],
        DnsSearch: ["."],
        DnsOptions: ["ndots:0"],
        Runtime: "runsc",
      },
      NetworkingConfig: {
        EndpointsConfig: {
          [front]: {
            IPAMConfig: { IPv4Address: "10.111.3.34" },
            Aliases: ["web"],
            MacAddress: "02:42:0a:6f:03:22",
          },
        },
      },
    });
  });

  it("leaves out what is not wished, and the engine's own runtime and health check with it", () => {
    const { command: _command, healthcheck: _healthcheck, ...rest } = wish;
    const body = containerOptions({ ...rest, attachments: [] }, { hasInit: false });
    expect(body).not.toHaveProperty("Cmd");
    expect(body.Healthcheck).toStrictEqual({ Test: ["NONE"] });
    expect(body.HostConfig).toMatchObject({ NetworkMode: "none", Init: false });
    expect(body.HostConfig).not.toHaveProperty("Runtime");
    expect(body.NetworkingConfig).toStrictEqual({ EndpointsConfig: {} });
  });

  it("takes nothing along that a wish has besides", () => {
    const more = { ...wish, HostConfig: { Privileged: true }, hostconfig: { privileged: true }, Privileged: true };
    expect(containerOptions(more, { hasInit: true })).toStrictEqual(containerOptions(wish, { hasInit: true }));
  });
});

describe("a wish for a node", () => {
  it("may be this", () => {
    expect(() => checkContainerWish(wish)).not.toThrow();
  });

  it.each<Partial<ContainerWish>>([
    { memoryMegabytes: 0 },
    { memoryMegabytes: -1 },
    { memoryMegabytes: Number.NaN },
    { memoryMegabytes: Number.POSITIVE_INFINITY },
    { cpus: 0 },
    { cpus: 1e-10 },
    { cpus: Number.NaN },
    { pidsMax: 0 },
    { pidsMax: -1 },
    { pidsMax: 1.5 },
    { imageId: "toolbox:latest" },
    { imageId: `registry.example/toolbox@sha256:${"c".repeat(64)}` },
    { imageId: `${imageId}\n` },
    { hostname: "web\n10.0.0.1 db" },
    { hostname: "" },
    { command: [] },
    { command: ["a\0b"] },
    { environment: { "A=B": "c" } },
    { environment: { A: "b\0" } },
    { environment: { "": "c" } },
    { healthcheck: { command: ["true"], intervalSeconds: 0, timeoutSeconds: 2, retries: 3 } },
    { healthcheck: { command: ["true"], intervalSeconds: 5, timeoutSeconds: 2, retries: 0 } },
    { healthcheck: { command: [], intervalSeconds: 5, timeoutSeconds: 2, retries: 1 } },
    { attachments: [{ networkId: front, ipAddress: "10.1.1.256", aliases: [] }] },
    { attachments: [{ networkId: front, ipAddress: "fd00::1", aliases: [] }] },
    { attachments: [{ networkId: front, ipAddress: "10.1.1.2", aliases: ["a b"] }] },
  ])("may not be one that the engine reads as something else: %j", (wrong) => {
    expect(() => checkContainerWish({ ...wish, ...wrong })).toThrow(expect.objectContaining({ code: "invalid-input" }));
  });
});
