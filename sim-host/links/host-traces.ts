import { z } from "zod";
import { isInterfaceGone } from "./failures.ts";
import type { HostPort } from "./interfaces.ts";
import { listHostPorts } from "./interfaces.ts";
import { CommandFailed, runCommand } from "./run-command.ts";

/** What links leave on the host's interfaces, and how it is found again after a crash: by the interface's alias. */
export interface HostTraces {
  /** Marks the port as ours, before anything else is done to it. */
  mark(port: HostPort, portId: string): Promise<void>;
  /** Plugs the node's cable in, or pulls it. */
  connect(port: HostPort, isConnected: boolean): Promise<void>;
  /** Sends what would leave the port to a tap instead. Replaces an earlier tap in one step. */
  redirect(port: HostPort, tapName: string): Promise<void>;
  /** What leaves the port goes to the node again. */
  stopRedirecting(port: HostPort): Promise<void>;
  /** As it was before `mark`; the mark goes last. */
  clear(port: HostPort): Promise<void>;
  /** The ports that are marked with this id, or with any of ours. */
  marked(portId?: string): Promise<readonly MarkedPort[]>;
  /** Names of those among these ports whose frames go to a tap that is there; one program for all, unless one goes away. */
  redirected(ports: readonly HostPort[]): Promise<ReadonlySet<string>>;
}

export interface MarkedPort extends HostPort {
  /** As it was marked. */
  readonly portId: string;
}

/** Frames that wait for the relay: enough for what a TCP connection sends at once. */
const tapQueueFrames = "2000";

const hasNoFilter = (error: unknown): boolean =>
  error instanceof CommandFailed &&
  /Invalid handle|No such file or directory|Cannot find specified qdisc/.test(error.detail);

/** Does it, unless there is nothing any more to do it to. */
const unless = async (isNothingLeft: (error: unknown) => boolean, act: Promise<unknown>): Promise<void> => {
  try {
    await act;
  } catch (error) {
    if (!isNothingLeft(error)) throw error;
  }
};

/** Part of what `tc -j filter show` prints: a tap that has ended has no name any more. */
const Filters = z.array(
  z.object({
    options: z.object({ actions: z.array(z.object({ to_dev: z.string().default("") })).default([]) }).optional(),
  }),
);

const leadsTo = (tapPrefix: string, filters: string): boolean =>
  Filters.parse(JSON.parse(filters)).some(({ options }) =>
    options?.actions.some(({ to_dev }) => to_dev.startsWith(tapPrefix)),
  );

export const makeHostTraces = (owner: string, tapPrefix: string): HostTraces => {
  const prefix = `kombify-link:${owner}:`;

  const stopRedirecting = ({ name }: HostPort): Promise<void> =>
    unless(
      (error) => hasNoFilter(error) || isInterfaceGone(error),
      runCommand("tc", ["qdisc", "del", "dev", name, "clsact"]),
    );

  const askFor = async (ports: readonly HostPort[]): Promise<readonly string[]> => {
    if (ports.length === 0) return [];
    const orders = ports.map(({ name }) => `filter show dev ${name} egress\n`).join("");
    // A line for each order.
    const answers = (await runCommand("tc", ["-j", "-batch", "-"], orders)).split("\n");
    return ports.flatMap(({ name }, index) => (leadsTo(tapPrefix, answers[index] ?? "[]") ? [name] : []));
  };

  return {
    async mark({ name, alias }, portId) {
      const mark = `${prefix}${portId}`;
      if (alias !== mark) await runCommand("ip", ["link", "set", "dev", name, "alias", mark]);
    },
    async connect({ name, isUp }, isConnected) {
      if (isUp !== isConnected) await runCommand("ip", ["link", "set", "dev", name, isConnected ? "up" : "down"]);
    },
    async redirect({ name, mtuBytes }, tapName) {
      const mtu = String(mtuBytes);
      await runCommand("ip", ["link", "set", "dev", tapName, "mtu", mtu, "txqueuelen", tapQueueFrames, "up"]);
      await runCommand("tc", ["qdisc", "replace", "dev", name, "clsact"]);
      const where = ["dev", name, "egress", "protocol", "all", "pref", "1", "handle", "800::800"];
      const all = ["u32", "match", "u32", "0", "0"];
      const action = ["action", "mirred", "egress", "redirect", "dev", tapName];
      await runCommand("tc", ["filter", "replace", ...where, ...all, ...action]);
    },
    stopRedirecting,
    async clear(port) {
      await stopRedirecting(port);
      const bare = ["link", "set", "dev", port.name, "alias", "", "up"];
      await unless(isInterfaceGone, runCommand("ip", bare));
    },
    async marked(portId) {
      const ports = (await listHostPorts()).filter(({ alias }) => alias.startsWith(prefix));
      const marked = ports.map((port) => ({ ...port, portId: port.alias.slice(prefix.length) }));
      return portId === undefined ? marked : marked.filter((port) => port.portId === portId);
    },
    async redirected(ports) {
      try {
        return new Set(await askFor(ports));
      } catch (error) {
        if (!isInterfaceGone(error)) throw error;
      }
      // One went away since it was listed, and tc ended there. With -force it would leave that one's line out, and answers would
      // be taken for those of others.
      const names: string[] = [];
      for (const port of ports) {
        const asked = askFor([port]).then((found) => names.push(...found));
        await unless(isInterfaceGone, asked);
      }
      return new Set(names);
    },
  };
};
