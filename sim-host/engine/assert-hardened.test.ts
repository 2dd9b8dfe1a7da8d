import { describe, expect, it } from "vitest";
import { findDeviations } from "./assert-hardened.ts";
import { containerOptions } from "./container-options.ts";
import { dockerId } from "./docker-id.ts";
import type { ContainerWish } from "./ports.ts";

const networkId = dockerId("a".repeat(64));
const wish: ContainerWish = {
  owner: { tenantId: "t1", simulationId: "s1", part: "web", generation: 3 },
  imageId: `sha256:${"c".repeat(64)}`,
  command: ["httpd", "-f"],
  environment: { ROLE: "web" },
  hostname: "web",
  memoryMegabytes: 64,
  cpus: 0.25,
  pidsMax: 64,
  attachments: [{ networkId, ipAddress: "10.111.3.34", aliases: ["front"] }],
};
const setting = { hasInit: true, defaultRuntime: "runc" };

/** As an engine answers that did as it was asked, in its own forms of nothing. */
const answered = () => {
  const { HostConfig, NetworkingConfig, ...Config } = containerOptions(wish, setting);
  const MaskedPaths = [
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/scsi",
  ];
  return {
    Image: wish.imageId,
    Mounts: [],
    AppArmorProfile: "docker-default",
    HostConfig: {
      ...HostConfig,
      ...{ Binds: null, PortBindings: {}, CapAdd: null, Devices: [], Links: null, UTSMode: "", OomScoreAdj: 0 },
      ...{ ConsoleSize: [24, 80], Isolation: "", Runtime: "runc", MemorySwappiness: null, Annotations: null },
      RestartPolicy: { MaximumRetryCount: 0, Name: "no" },
      MaskedPaths: [...MaskedPaths, "/sys/devices/virtual/powercap"],
      ReadonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
    Config: {
      ...Config,
      Env: ["ROLE=web", "PATH=/bin"],
      Labels: { ...Config.Labels, ofImage: "1" },
      Volumes: null,
      Tty: false,
    },
    NetworkSettings: {
      Networks: {
        ks1: {
          ...Object.values(NetworkingConfig.EndpointsConfig)[0],
          ...{ Links: null, NetworkID: "", DriverOpts: null, Aliases: ["front", "0123456789ab", "web"] },
        },
      },
    },
  };
};
const withHost = (more: object) => ({ ...answered(), HostConfig: { ...answered().HostConfig, ...more } });

describe("a container that was made", () => {
  it("may have what engines add by themselves", () => {
    expect(findDeviations(answered(), wish, setting)).toStrictEqual([]);
  });

  it.each<[string, object]>([
    ["HostConfig.Links", { Links: ["/db:/web/db"] }],
    ["HostConfig.Privileged", { Privileged: true }],
    ["HostConfig.UTSMode", { UTSMode: "host" }],
    ["HostConfig.Memory", { Memory: 0 }],
    ["HostConfig.MemorySwap", { MemorySwap: -1 }],
    ["HostConfig.PidsLimit", { PidsLimit: null }],
    ["HostConfig.MaskedPaths", { MaskedPaths: null }],
    ["HostConfig.MaskedPaths", { MaskedPaths: undefined }],
    ["HostConfig.ReadonlyPaths", { ReadonlyPaths: ["/proc/bus"] }],
    ["HostConfig.Runtime", { Runtime: "other" }],
    ["HostConfig.MemorySwappiness", { MemorySwappiness: 60 }],
    ["HostConfig.SecurityOpt", { SecurityOpt: ["no-new-privileges:true", "seccomp=unconfined"] }],
    ["HostConfig.OfTomorrow", { OfTomorrow: { opens: "walls" } }],
  ])("must not have %s otherwise: %j, also what no engine knows yet", (member, more) => {
    expect(findDeviations(withHost(more), wish, setting)).toStrictEqual([member]);
  });

  it("must run in the runtime that is configured", () => {
    const stronger = { ...setting, runtime: "runsc" };
    expect(findDeviations(answered(), wish, stronger)).toStrictEqual(["HostConfig.Runtime"]);
    expect(findDeviations(withHost({ Runtime: "runsc" }), wish, stronger)).toStrictEqual([]);
  });

  it("must not be on another network than wished, once the engine tells which one it is", () => {
    const { ks1 } = answered().NetworkSettings.Networks;
    const on = (NetworkID: string) => ({
      ...answered(),
      NetworkSettings: { Networks: { ks1: { ...ks1, NetworkID } } },
    });
    expect(findDeviations(on(networkId), wish, setting)).toStrictEqual([]);
    expect(findDeviations(on("b".repeat(64)), wish, setting)).toStrictEqual(["NetworkSettings.Networks"]);
    const none = { ...answered(), NetworkSettings: { Networks: { none: {} } } };
    expect(findDeviations(none, wish, setting)).toStrictEqual(["NetworkSettings.Networks"]);
  });

  it("must not be free of the profile that confines it", () => {
    const free = { ...answered(), AppArmorProfile: "unconfined" };
    expect(findDeviations(free, wish, setting)).toStrictEqual(["AppArmorProfile"]);
  });
});
