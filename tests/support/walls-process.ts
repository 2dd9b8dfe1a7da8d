import type { FirewallBackend } from "../../sim-host/walls/firewall-backend.ts";
import type { HostNetworks, SelfTestReport } from "../../sim-host/walls/ports.ts";
import type { WallReport } from "../../sim-host/walls/walls.ts";
import type { PrivateNetwork } from "./private-network.ts";

/** What `walls-process.ts` can be asked for, and answers. */
interface Calls {
  readonly install: undefined;
  readonly drift: readonly string[];
  readonly backend: FirewallBackend;
  readonly remove: undefined;
  readonly selfTest: SelfTestReport;
  readonly check: WallReport;
  readonly isUp: boolean;
  readonly stop: undefined;
  /** Rejects: it is dead. */
  readonly die: never;
  readonly hostNetworks: HostNetworks;
}

export interface WallsProcess {
  call<K extends keyof Calls>(name: K): Promise<Calls[K]>;
}

interface Message {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

const entry = new URL("../../sim-host/walls/fixtures/walls-process.ts", import.meta.url).pathname;

interface Settings {
  readonly socketPath: string;
  readonly imageId: string;
  readonly iptables: "" | "-legacy" | "-nft";
  /** For more than one process on an engine: whose the canaries are, and where. */
  readonly hostId?: string;
  readonly canarySubnets?: string;
}

/** Starts the walls in the network, as one process of sim-host would have them. */
export const wallsProcess = (network: PrivateNetwork, settings: Settings): Promise<WallsProcess> =>
  new Promise((resolve, reject) => {
    const child = network.fork(entry, [JSON.stringify(settings)]);
    const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
    let last = 0;
    const call = <K extends keyof Calls>(name: K): Promise<Calls[K]> =>
      new Promise((done, fail) => {
        last += 1;
        waiting.set(last, { resolve: done, reject: fail });
        child.send({ id: last, call: name });
      });
    child.on("message", ({ id, answer, error }: Message) => {
      const { resolve: done, reject: fail } = waiting.get(id) ?? { resolve: () => resolve({ call }), reject };
      waiting.delete(id);
      // The process answers each call with its own kind of answer; the table above says which.
      if (error === undefined) done(answer as never);
      else fail(new Error(error));
    });
    child.once("exit", (code) => {
      const error = new Error(`The process of the walls ended with ${code ?? "a signal"}.`);
      reject(error);
      waiting.forEach((each) => each.reject(error));
    });
  });
