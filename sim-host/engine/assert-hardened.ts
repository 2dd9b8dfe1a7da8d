import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ContainerSetting } from "./container-options.ts";
import { containerOptions } from "./container-options.ts";
import type { ContainerWish } from "./ports.ts";

const Members = z.record(z.string(), z.unknown());

/** Part of what `GET /containers/{id}/json` answers: all that decides what a container may reach. */
const Inspected = z.object({
  Image: z.string(),
  HostConfig: Members,
  Config: Members,
  Mounts: z.array(z.unknown()).nullish(),
  AppArmorProfile: z.string().default(""),
  NetworkSettings: z.object({ Networks: z.record(z.string(), Members).nullish() }),
});

/** What the engine hides or makes read-only of the host's kernel in every container that is not told otherwise. */
const maskedPaths = [
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/scsi",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

const isEmpty = (value: unknown): boolean => {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
};

/** Whether the engine has what was asked for; it reorders members, fills in defaults and has several forms of "nothing". */
const isAsAsked = (effective: unknown, asked: unknown): boolean => {
  if (isEmpty(asked)) return isEmpty(effective);
  if (Array.isArray(asked)) {
    return (
      Array.isArray(effective) &&
      effective.length === asked.length &&
      asked.every((one, at) => isAsAsked(effective[at], one))
    );
  }
  const [members, found] = [Members.safeParse(asked), Members.safeParse(effective)];
  if (!members.success) return isDeepStrictEqual(effective, asked);
  if (!found.success) return false;
  const names = new Set([...Object.keys(members.data), ...Object.keys(found.data)]);
  return [...names].every((name) => isAsAsked(found.data[name], members.data[name]));
};

const covers = (effective: unknown, wanted: readonly string[]): boolean =>
  Array.isArray(effective) && wanted.every((path) => effective.includes(path));

/** Members that are not asked for and yet never empty. Every other one that is not empty is a deviation, also those yet to be invented. */
const engineOwn: Readonly<Record<string, (value: unknown, defaultRuntime: string) => boolean>> = {
  ConsoleSize: Array.isArray,
  Isolation: (value) => value === "" || value === "default",
  MaskedPaths: (value) => covers(value, maskedPaths),
  MemorySwappiness: (value) => isEmpty(value) || value === -1,
  ReadonlyPaths: (value) => covers(value, readonlyPaths),
  Runtime: (value, defaultRuntime) => value === defaultRuntime,
};

const inHostConfig = (effective: z.infer<typeof Members>, asked: object, defaultRuntime: string): readonly string[] => {
  const wanted = Members.parse(asked);
  const names = new Set([...Object.keys(wanted), ...Object.keys(effective), "MaskedPaths", "ReadonlyPaths"]);
  return [...names].filter((name) => {
    const isFine = name in wanted ? undefined : engineOwn[name];
    return isFine === undefined ? !isAsAsked(effective[name], wanted[name]) : !isFine(effective[name], defaultRuntime);
  });
};

const Named = z.record(z.string(), z.string());

/** The image adds its own environment, labels and entry point; these members must be ours, and those below must be absent. */
const inConfig = (
  effective: z.infer<typeof Members>,
  asked: ReturnType<typeof containerOptions>,
): readonly string[] => {
  const { User, Hostname, Image, Cmd, Env, Labels, StopTimeout, Healthcheck } = { Cmd: undefined, ...asked };
  const labels = Named.safeParse(effective["Labels"]).data ?? {};
  const environment = z.array(z.string()).nullish().safeParse(effective["Env"]).data ?? [];
  const same = { User, Hostname, Image, StopTimeout, Healthcheck, ...(Cmd === undefined ? {} : { Cmd }) };
  const absent = ["Volumes", "Tty", "OpenStdin", "AttachStdin", "Domainname", "MacAddress", "NetworkDisabled"];
  return [
    ...Object.entries(same).flatMap(([name, value]) => (isAsAsked(effective[name], value) ? [] : [name])),
    ...absent.filter((name) => !isEmpty(effective[name])),
    ...(Env.every((one) => environment.includes(one)) ? [] : ["Env"]),
    ...(Object.entries(Labels).every(([name, value]) => labels[name] === value) ? [] : ["Labels"]),
  ];
};

const Endpoint = z.object({
  NetworkID: z.string().default(""),
  IPAMConfig: z.object({ IPv4Address: z.string().optional(), LinkLocalIPs: z.unknown().optional() }).nullish(),
  Aliases: z.array(z.string()).nullish(),
  Links: z.unknown().optional(),
  DriverOpts: z.unknown().optional(),
});

const isOfEngine = (name: string, hostname: string): boolean => name === hostname || /^[0-9a-f]{12}$/.test(name);

/** Networks are known by their ids only after the first start, but every subnet is of one network, and so are its addresses. */
const inNetworks = (
  effective: z.infer<typeof Inspected>["NetworkSettings"]["Networks"],
  wish: ContainerWish,
): boolean => {
  const entries = Object.entries(effective ?? {});
  if (wish.attachments.length === 0) return entries.every(([name]) => name === "none") && entries.length <= 1;
  if (entries.length !== wish.attachments.length) return false;
  const endpoints = entries.map(([, value]) => Endpoint.parse(value));
  return wish.attachments.every(({ ipAddress, networkId, aliases }) => {
    const found = endpoints.find(({ IPAMConfig }) => IPAMConfig?.IPv4Address === ipAddress);
    if (found === undefined || !isEmpty(found.Links) || !isEmpty(found.DriverOpts)) return false;
    // The engine adds the beginning of the container's id, and the hostname.
    const names = (found.Aliases ?? []).filter((name) => aliases.includes(name) || !isOfEngine(name, wish.hostname));
    const isSameNetwork = found.NetworkID === "" || found.NetworkID === networkId;
    return isSameNetwork && isDeepStrictEqual(new Set(names), new Set(aliases));
  });
};

/**
 * What of a created container is not as it must be, as the names of the engine's own members; empty: it may be started.
 * `answer` is what the engine says of it, with the engine's effective values.
 * @throws ZodError when it is no such answer
 */
export const findDeviations = (
  answer: unknown,
  wish: ContainerWish,
  setting: ContainerSetting & { readonly defaultRuntime: string },
): readonly string[] => {
  const { Image, HostConfig, Config, Mounts, AppArmorProfile, NetworkSettings } = Inspected.parse(answer);
  const asked = containerOptions(wish, setting);
  return [
    ...inHostConfig(HostConfig, asked.HostConfig, setting.defaultRuntime).map((name) => `HostConfig.${name}`),
    ...inConfig(Config, asked).map((name) => `Config.${name}`),
    // Without a single exception: what an image declares as a volume would be a disk without bounds.
    ...(isEmpty(Mounts) ? [] : ["Mounts"]),
    ...(Image === wish.imageId ? [] : ["Image"]),
    ...(AppArmorProfile === "unconfined" ? ["AppArmorProfile"] : []),
    ...(inNetworks(NetworkSettings.Networks, wish) ? [] : ["NetworkSettings.Networks"]),
  ];
};

/** A container was not made as it must be, and is gone again. Its text is for operators. */
export class NotHardenedError extends Error {
  override readonly name = "NotHardenedError";
  readonly code = "container-not-hardened";
  readonly deviations: readonly string[];
  constructor(deviations: readonly string[]) {
    super(`The engine did not make the container as it must be: ${deviations.join(", ")}.`);
    this.deviations = deviations;
  }
}
