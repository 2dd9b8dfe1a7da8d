import { z } from "zod";
import { InterfaceName, MacAddress } from "./port-schema.ts";
import { CommandFailed, runCommand } from "./run-command.ts";

/** An interface as `ip -j link` prints it. */
const Interface = z.object({
  ifindex: z.int().positive(),
  ifname: InterfaceName,
  address: MacAddress.optional(),
  /** Of the other end of a veth, in the namespace where that is. */
  link_index: z.int().nonnegative().optional(),
  mtu: z.int().positive(),
  flags: z.array(z.string()),
  ifalias: z.string().optional(),
});
type Interface = z.infer<typeof Interface>;

/** Where a node hangs on its bridge: the host's end of the pair. */
export interface HostPort {
  readonly name: string;
  readonly index: number;
  readonly mtuBytes: number;
  readonly alias: string;
  /** Not: whether the node's end is up too. */
  readonly isUp: boolean;
}

/** Interfaces of other kinds may be printed as empty objects, and some have addresses of other lengths. */
const readInterfaces = (json: string): readonly Interface[] =>
  z
    .array(z.unknown())
    .parse(json.trim() === "" ? [] : JSON.parse(json))
    .flatMap((raw) => Interface.safeParse(raw).data ?? []);

const hostPortOf = ({ ifname, ifindex, mtu, ifalias, flags }: Interface): HostPort => ({
  name: ifname,
  index: ifindex,
  mtuBytes: mtu,
  alias: ifalias ?? "",
  isUp: flags.includes("UP"),
});

const listing = ["ip", "-j", "link", "show", "type", "veth"] as const;

const listHostPairs = async (): Promise<readonly Interface[]> => {
  const [program, ...args] = listing;
  return readInterfaces(await runCommand(program, args));
};

/** The host's ends of all pairs. */
export const listHostPorts = async (): Promise<readonly HostPort[]> => (await listHostPairs()).map(hostPortOf);

const isNamespaceGone = (error: unknown): boolean =>
  error instanceof CommandFailed && /No such file or directory|Invalid argument/.test(error.detail);

/**
 * The interface with this address in a namespace, seen by the host's own program: nothing of the container runs.
 * Undefined: namespace or interface are gone.
 */
export const findInterface = async (sandboxKey: string, macAddress: string): Promise<Interface | undefined> => {
  try {
    const json = await runCommand("nsenter", [`--net=${sandboxKey}`, "--", ...listing]);
    return readInterfaces(json).find(({ address }) => address === macAddress);
  } catch (error) {
    if (isNamespaceGone(error)) return undefined;
    throw error;
  }
};

/** The host's end of the pair whose other end has this address in that namespace. Undefined: there is none (now). */
export const findHostPort = async (sandboxKey: string, macAddress: string): Promise<HostPort | undefined> => {
  const inside = await findInterface(sandboxKey, macAddress);
  if (inside?.link_index === undefined) return undefined;
  const outside = (await listHostPairs()).find(
    ({ ifindex, link_index }) => ifindex === inside.link_index && link_index === inside.ifindex,
  );
  return outside === undefined ? undefined : hostPortOf(outside);
};
