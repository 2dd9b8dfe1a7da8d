import { z } from "zod";

/** Part of what `GET /info` answers. */
const Info = z.object({
  ServerVersion: z.string(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  DefaultRuntime: z.string().default("runc"),
  InitBinary: z.string().default(""),
  InitCommit: z.object({ ID: z.string() }).nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
  CgroupVersion: z.string().default("1"),
});

/** What an engine can do; it may be another one after each of its restarts. */
export interface EngineFacts {
  readonly version: string;
  readonly runtimes: readonly string[];
  readonly defaultRuntime: string;
  /** Not with Debian's package alone, which only recommends the program. Without one, signals do not reach every node's program. */
  readonly hasInit: boolean;
  /** Whether system calls of nodes are filtered. */
  readonly hasSeccomp: boolean;
  /** Whether who is root in a node is nobody on the host: `userns-remap`, or an engine that is not root's itself. */
  readonly remapsUsers: boolean;
  /** Whether a bridge can do without an address on the host: release 28 and later. */
  readonly canIsolateGateway: boolean;
  /** Whether it loses count of the nodes on a network when several come or go at once: before release 29. */
  readonly miscountsEndpoints: boolean;
  readonly cgroupVersion: 1 | 2;
}

const majorOf = (version: string): number => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

const isFilter = (option: string): boolean =>
  /(^|,)name=seccomp(,|$)/.test(option) && !/(^|,)profile=unconfined(,|$)/.test(option);

const isRemapping = (option: string): boolean => /(^|,)name=(userns|rootless)(,|$)/.test(option);

/** Reads the answer of `GET /info`. @throws ZodError when it is none */
export const readEngineFacts = (answer: unknown): EngineFacts => {
  const info = Info.parse(answer);
  return {
    version: info.ServerVersion,
    runtimes: Object.keys(info.Runtimes ?? {}),
    defaultRuntime: info.DefaultRuntime,
    // The engine asks the program for its version, and says N/A when there is no such program.
    hasInit: info.InitBinary !== "" && info.InitCommit?.ID !== "N/A",
    hasSeccomp: (info.SecurityOptions ?? []).some(isFilter),
    remapsUsers: (info.SecurityOptions ?? []).some(isRemapping),
    canIsolateGateway: majorOf(info.ServerVersion) >= 28,
    miscountsEndpoints: majorOf(info.ServerVersion) < 29,
    cgroupVersion: info.CgroupVersion === "2" ? 2 : 1,
  };
};

/** What an operator could do for the engine's safety, in whole sentences; nothing of it keeps the host from working. */
export const weaknessesOf = ({ hasSeccomp, remapsUsers }: EngineFacts): readonly string[] => [
  ...(hasSeccomp ? [] : ["System calls of nodes are not filtered: the engine runs without its seccomp profile."]),
  ...(remapsUsers ? [] : ["Users of nodes are users of the host: the engine runs without userns-remap."]),
];
