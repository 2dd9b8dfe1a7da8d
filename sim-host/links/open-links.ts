import { createHash } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import { makeCapture } from "./capture.ts";
import { translated } from "./failures.ts";
import { makeCheckPorts } from "./check-ports.ts";
import type { HostTraces } from "./host-traces.ts";
import { makeHostTraces } from "./host-traces.ts";
import { PortId, PortSchema } from "./port-schema.ts";
import type { Links, PortState } from "./ports.ts";
import { keepRelay } from "./relay-keeper.ts";
import { startRelay } from "./relay-process.ts";
import { makePortWork } from "./set-port.ts";
import { makeTurns } from "./turns.ts";

interface LinksOptions {
  /**
   * Tells what this host has done to interfaces from what others on the same machine have: 1 to 32 characters of a-z, 0-9
   * and hyphens, the same after a restart.
   */
  readonly owner: string;
  readonly logger: Logger;
}

/** Each is a handful of short programs. */
const changesAtOnceMax = 8;

const Owner = z.string().regex(/^[a-z0-9-]{1,32}$/);
const tapPrefixOf = (owner: string): string => `kt${createHash("sha256").update(owner).digest("hex").slice(0, 6)}_`;

const readInput = <T>(schema: z.ZodType<T>, raw: unknown): T => {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new DomainError("invalid-input", "This is not the state of a port.", { cause: result.error });
};

/** Every one of them, also when one cannot be cleared. @throws CommandFailed the first failure */
const clearAll = async (traces: HostTraces): Promise<void> => {
  const failures: unknown[] = [];
  for (const port of await traces.marked()) {
    await traces.clear(port).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
};

/**
 * Opens the links of this machine. What an earlier run has left stays as it is, which is dead, until it is applied anew or a
 * `check` takes it away. Needs the rights of root, iproute2, nsenter, tcpdump, and for impairments /dev/net/tun and the
 * kernel's clsact, u32 and mirred.
 */
export const openLinks = ({ owner, logger }: LinksOptions): Links => {
  const tapPrefix = tapPrefixOf(Owner.parse(owner));
  const traces = makeHostTraces(owner, tapPrefix);
  const turns = makeTurns(changesAtOnceMax);
  const ending = new AbortController();
  /** What the relay must be told again when it is replaced. */
  const wanted = new Map<string, PortState>();

  const restore = async (state: PortState): Promise<void> => {
    // Changed or released meanwhile: whoever did that has told the new relay.
    if (wanted.get(state.portId) !== state || state.bySource.length === 0) return;
    await work.establish(state).catch((error: unknown) => {
      logger.warn("a port is not restored", { portId: state.portId, error: String(error) });
    });
  };
  const keeper = keepRelay({
    start: () => startRelay(tapPrefix),
    async onReplaced() {
      await Promise.all([...wanted.values()].map((state) => turns.take(state.portId, () => restore(state))));
    },
    logger,
  });
  const work = makePortWork(traces, keeper);

  const apply = async (state: PortState): Promise<void> => {
    if (ending.signal.aborted) throw new DomainError("unavailable", "The links are closed.");
    wanted.set(state.portId, state);
    await work.establish(state);
  };
  const release = async (portId: string): Promise<void> => {
    wanted.delete(portId);
    await work.clear(portId);
  };

  const checkPorts = makeCheckPorts({ traces, work, turns, wanted, logger });

  return {
    apply: (port) =>
      translated(() => {
        const state = readInput(PortSchema, port);
        const isBare = !state.isDown && state.bySource.length === 0;
        return turns.take(state.portId, () => (isBare ? release(state.portId) : apply(state)));
      }),
    release: (portId) =>
      translated(() => {
        const id = readInput(PortId, portId);
        return turns.take(id, () => release(id));
      }),
    counters: (portId) =>
      translated(async () => {
        if ((wanted.get(portId)?.bySource.length ?? 0) === 0) return [];
        const relay = await keeper.relay();
        return relay.counters(portId);
      }),
    capture: makeCapture(ending.signal),
    check: (kept = new Set()) => translated(() => (ending.signal.aborted ? Promise.resolve() : checkPorts(kept))),
    ping: () => translated(async () => (await keeper.relay()).ping()),
    async close() {
      ending.abort();
      wanted.clear();
      await keeper.close();
      // What is under way fails without a relay, and may have left something before it does.
      await turns.settled();
      await clearAll(traces);
    },
  };
};
