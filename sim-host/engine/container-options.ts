import { labelsOf } from "./labels.ts";
import type { ContainerWish } from "./ports.ts";

const bytesPerMegabyte = 1_048_576;
const nanosecondsPerSecond = 1e9;
const stopTimeoutSeconds = 5;
/** Nobody, on every system. */
const userId = 65_534;

/** What the engine offers and the host is configured with. */
export interface ContainerSetting {
  /** A stronger runtime than the engine's own, as in `runsc`. */
  readonly runtime?: string;
  /** Whether the engine can put an init in front of a node's program, which passes on signals and buries its dead. */
  readonly hasInit: boolean;
}

/** The engine derives the same one from the address up to release 27; later ones draw lots. */
const macAddressOf = (ipAddress: string): string =>
  ["02", "42", ...ipAddress.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");

/** How a node is on a network; names are found by the engine's own resolver under the aliases. */
export const endpointOptions = ({ ipAddress, aliases }: ContainerWish["attachments"][number]) => ({
  IPAMConfig: { IPv4Address: ipAddress },
  Aliases: [...aliases],
  MacAddress: macAddressOf(ipAddress),
});

/**
 * A folder of a node's own, which counts as its memory. A folder that the image has already keeps its mode, whatever is said here:
 * the owner lets a node write all the same.
 */
const scratchOptions = (sizeMegabytes: number): string =>
  `rw,noexec,nosuid,nodev,size=${sizeMegabytes}m,nr_inodes=8192,mode=1777,uid=${userId},gid=${userId}`;

const healthOptions = (check: ContainerWish["healthcheck"]) =>
  check === undefined
    ? { Test: ["NONE"] }
    : {
        Test: ["CMD", ...check.command],
        Interval: Math.round(check.intervalSeconds * nanosecondsPerSecond),
        Timeout: Math.round(check.timeoutSeconds * nanosecondsPerSecond),
        Retries: check.retries,
      };

/** Everything of a node that reaches past its own walls. Written out in full: what is absent here is the engine's choice. */
const hostOptions = (wish: ContainerWish, { runtime, hasInit }: ContainerSetting) => ({
  NetworkMode: wish.attachments[0]?.networkId ?? "none",
  Privileged: false,
  CapDrop: ["ALL"],
  CapAdd: [],
  SecurityOpt: ["no-new-privileges:true"],
  ReadonlyRootfs: true,
  Tmpfs: { "/tmp": scratchOptions(16), "/data": scratchOptions(32) },
  PidsLimit: wish.pidsMax,
  Memory: Math.round(wish.memoryMegabytes * bytesPerMegabyte),
  // Equal to the memory: none of it may be swapped.
  MemorySwap: Math.round(wish.memoryMegabytes * bytesPerMegabyte),
  NanoCpus: Math.round(wish.cpus * nanosecondsPerSecond),
  Ulimits: [
    { Name: "nofile", Soft: 1024, Hard: 1024 },
    { Name: "core", Soft: 0, Hard: 0 },
  ],
  ShmSize: 8 * bytesPerMegabyte,
  Init: hasInit,
  IpcMode: "private",
  CgroupnsMode: "private",
  RestartPolicy: { Name: "no" },
  AutoRemove: false,
  PublishAllPorts: false,
  PortBindings: {},
  LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } },
  // Names of containers are answered by the engine; all others would leave through the node's networks. These end in the node.
  Dns: ["127.0.0.1"],
  // Else the host's own search domain, which names the network it stands in, is written into every node.
  DnsSearch: ["."],
  DnsOptions: ["ndots:0"],
  ...(runtime === undefined ? {} : { Runtime: runtime }),
});

/**
 * What a node is made with. Built from scratch out of checked values: the engine reads keys in any letter case and ignores those it
 * does not know, so nothing is ever spread into it or filtered out of it.
 */
export const containerOptions = (wish: ContainerWish, setting: ContainerSetting) => {
  const [first] = wish.attachments;
  return {
    Image: wish.imageId,
    User: `${userId}:${userId}`,
    Hostname: wish.hostname,
    Env: Object.entries(wish.environment).map(([name, value]) => `${name}=${value}`),
    ...(wish.command === undefined ? {} : { Cmd: [...wish.command] }),
    StopTimeout: stopTimeoutSeconds,
    Healthcheck: healthOptions(wish.healthcheck),
    Labels: labelsOf(wish.owner),
    HostConfig: hostOptions(wish, setting),
    NetworkingConfig: { EndpointsConfig: first === undefined ? {} : { [first.networkId]: endpointOptions(first) } },
  };
};
