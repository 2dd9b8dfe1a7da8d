import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testEngine } from "../../tests/support/docker-engine.ts";
import { rawDocker, testTenant } from "../../tests/support/docker.ts";
import { findDeviations } from "./assert-hardened.ts";
import { containerOptions } from "./container-options.ts";
import { dockerEngine } from "./docker-engine.ts";
import { dockerId } from "./docker-id.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * Members of HostConfig, with values that would open a wall or lift a limit. `<other>` stands for another tenant's container. Links
 * are missing: the engine takes them and shows them nowhere. They only give names to what is on the same network.
 */
const host: readonly (readonly [string, unknown])[] = [
  ["Privileged", true],
  ["Binds", ["/:/host"]],
  ["Binds", ["/var/run:/run"]],
  ["Mounts", [{ Type: "bind", Source: "/", Target: "/host" }]],
  ["Mounts", [{ Type: "tmpfs", Target: "/big" }]],
  ["VolumesFrom", ["<other>"]],
  ["VolumeDriver", "local"],
  ["Devices", [{ PathOnHost: "/dev/null", PathInContainer: "/dev/disk", CgroupPermissions: "rwm" }]],
  ["DeviceRequests", [{ Driver: "", Count: -1, Capabilities: [["gpu"]] }]],
  ["DeviceCgroupRules", ["a *:* rwm"]],
  ["CapAdd", ["SYS_ADMIN"]],
  ["CapDrop", ["NET_RAW"]],
  ["SecurityOpt", ["seccomp=unconfined"]],
  ["SecurityOpt", ["no-new-privileges:false"]],
  ["PidMode", "host"],
  ["PidMode", "container:<other>"],
  ["IpcMode", "host"],
  ["IpcMode", "shareable"],
  ["UTSMode", "host"],
  ["UsernsMode", "host"],
  ["CgroupnsMode", "host"],
  ["CgroupParent", "/elsewhere"],
  ["NetworkMode", "host"],
  ["NetworkMode", "bridge"],
  ["NetworkMode", "container:<other>"],
  ["ExtraHosts", ["db:169.254.169.254"]],
  ["Dns", ["168.63.129.16"]],
  ["DnsSearch", ["internal"]],
  ["DnsOptions", ["timeout:1"]],
  ["Sysctls", { "net.ipv4.ip_forward": "1" }],
  ["Runtime", "io.containerd.runc.v2"],
  ["GroupAdd", ["0"]],
  ["OomKillDisable", true],
  ["OomScoreAdj", -500],
  ["PortBindings", { "80/tcp": [{ HostPort: "0" }] }],
  ["PublishAllPorts", true],
  ["MaskedPaths", []],
  ["ReadonlyPaths", []],
  ["LogConfig", { Type: "none" }],
  ["LogConfig", { Type: "json-file", Config: { "max-size": "100m" } }],
  ["RestartPolicy", { Name: "always" }],
  ["AutoRemove", true],
  ["ReadonlyRootfs", false],
  ["Tmpfs", { "/big": "rw,exec" }],
  ["PidsLimit", -1],
  ["Memory", 33_554_432],
  ["MemorySwap", -1],
  ["MemoryReservation", 8_000_000],
  ["MemorySwappiness", 100],
  ["NanoCpus", 2e9],
  ["CpuShares", 2048],
  ["CpusetCpus", "0"],
  ["BlkioDeviceReadBps", [{ Path: "/dev/null", Rate: 1 }]],
  ["Ulimits", [{ Name: "nofile", Soft: 9999, Hard: 9999 }]],
  ["ShmSize", 1e9],
  ["Init", false],
];
/** Members beside HostConfig. */
const config: readonly (readonly [string, unknown])[] = [
  ["User", "0:0"],
  ["User", "root"],
  ["Hostname", "db"],
  ["Domainname", "example.com"],
  ["Volumes", { "/big": {} }],
  ["Tty", true],
  ["OpenStdin", true],
  ["AttachStdin", true],
  ["MacAddress", "02:42:0a:00:00:01"],
  ["NetworkDisabled", true],
  ["Cmd", ["/bin/true"]],
  ["Env", []],
  ["StopTimeout", 3600],
  ["Healthcheck", { Test: ["CMD", "/bin/true"] }],
  ["Labels", { "kombify.sim.tenant": "another" }],
];
const cases: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
];

const real = await testEngine();
const { socketPath, toolbox } = real ?? { socketPath: "", toolbox: { imageId: "" } };
const engine = dockerEngine({ socketPath });
const docker = rawDocker(socketPath);

describe.skipIf(real === undefined)("what the engine must never be asked for", () => {
  let tenant: ReturnType<typeof testTenant>;
  let other: string;
  let link: Awaited<ReturnType<ReturnType<typeof testTenant>["aNetwork"]>>;
  let imageId: string;
  beforeAll(async () => {
    imageId = toolbox.imageId;
    tenant = testTenant(engine, imageId);
    link = await tenant.aNetwork("link");
    other = await engine.createContainer(tenant.aContainer("other"));
    await engine.start(dockerId(other));
  });
  afterAll(() => tenant.cleanUp());

  const wish = () => {
    const attachments = [{ networkId: link.id, ipAddress: link.address(2), aliases: ["web"] }];
    return tenant.aContainer("web", { attachments, environment: { ROLE: "web" } });
  };
  const withOther = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll("<other>", other));

  /** Sends a body as it is, and answers what the check says of the result; undefined when the engine itself refuses. */
  const deviationsOf = async (change: (body: Members) => Members): Promise<readonly string[] | undefined> => {
    const { hasInit, defaultRuntime } = await engine.facts();
    const body = containerOptions(wish(), { hasInit });
    const options = { _query: {}, _body: change(body), abortSignal: AbortSignal.timeout(10_000) };
    const made = await docker.createContainer(options).catch(() => undefined);
    if (made === undefined) return undefined;
    try {
      return findDeviations(await made.inspect(), wish(), { hasInit, defaultRuntime });
    } finally {
      await made.remove({ force: true, v: true });
    }
  };

  it("finds nothing wrong with what it asks for itself", async () => {
    expect(await deviationsOf((body) => body)).toStrictEqual([]);
  });

  it.each(host.map(([name, value]) => [name, value]))(
    "finds HostConfig.%s %j in any letter case",
    async (name, value) => {
      for (const inCase of cases) {
        const found = await deviationsOf(({ Hostname, HostConfig, ...rest }) => {
          // The engine takes neither a name nor a resolver for who uses another's.
          const isAnothers = name === "UTSMode" || String(value).startsWith("container:");
          const added = { [inCase(name)]: withOther(value) };
          // Twice the same member but for its case: the engine adds the second to the first.
          return { ...rest, ...(isAnothers ? {} : { Hostname, HostConfig }), [inCase("Hostconfig")]: added };
        });
        expect(found).toContain(`HostConfig.${name}`);
      }
    },
  );

  it.each(config.map(([name, value]) => [name, value]))("finds %s %j in any letter case", async (name, value) => {
    for (const inCase of cases) {
      const found = await deviationsOf((body) => {
        const rest = Object.fromEntries(Object.entries(body).filter(([one]) => one !== name));
        return { ...rest, [inCase(name)]: value };
      });
      expect(found).toContain(`Config.${name}`);
    }
  });

  it("finds other networks, addresses, names and options of a network than it asked for", async () => {
    const wrong: readonly Members[] = [
      { [link.id]: { IPAMConfig: { IPv4Address: link.address(3) }, Aliases: ["web"] } },
      { [link.id]: { IPAMConfig: { IPv4Address: link.address(2) }, Aliases: ["web", "db"] } },
      { [link.id]: { IPAMConfig: { IPv4Address: link.address(2) }, Aliases: [] } },
      { [link.id]: { Aliases: ["web"] } },
      { [link.id]: { IPAMConfig: { IPv4Address: link.address(2) }, Aliases: ["web"], Links: ["a:b"] } },
      { [link.id]: { IPAMConfig: { IPv4Address: link.address(2) }, Aliases: ["web"], DriverOpts: { a: "b" } } },
      {},
    ];
    for (const EndpointsConfig of wrong) {
      const found = await deviationsOf((body) => ({ ...body, NetworkingConfig: { EndpointsConfig } }));
      expect(found).toStrictEqual(["NetworkSettings.Networks"]);
    }
  });

  it("finds another image", async () => {
    const { hasInit, defaultRuntime } = await engine.facts();
    const id = await engine.createContainer(wish());
    const answer = await docker.getContainer(id).inspect();
    const setting = { hasInit, defaultRuntime };
    const another = { ...wish(), imageId: `sha256:${"0".repeat(64)}` };
    expect(findDeviations(answer, another, setting)).toStrictEqual(["Config.Image", "Image"]);
  });

  it("removes what the engine made otherwise, and says how: an image with a volume of its own", async () => {
    const image: unknown = await docker.getContainer(other).commit({ changes: "VOLUME /big" });
    const { Id } = z.object({ Id: z.string() }).parse(image);
    try {
      await expect(
        engine.createContainer({ ...wish(), owner: tenant.ownerOf("bad"), imageId: Id }),
      ).rejects.toMatchObject({
        code: "container-not-hardened",
        deviations: ["Config.Volumes", "Mounts"],
      });
      const seen = await engine.list({ tenantId: tenant.tenantId, simulationId: "s1" });
      expect(seen.containers.map(({ owner }) => owner.part)).not.toContain("bad");
    } finally {
      await docker.getImage(Id).remove({ force: true });
    }
  });
});
