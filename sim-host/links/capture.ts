import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import { translated } from "./failures.ts";
import { findInterface } from "./interfaces.ts";
import { makePcapCutter } from "./pcap-cutter.ts";
import { MacAddress, SandboxKey } from "./port-schema.ts";
import type { Links } from "./ports.ts";
import { commandEnvironment } from "./run-command.ts";

const Order = z.strictObject({
  sandboxKey: SandboxKey,
  macAddress: MacAddress,
  bytesMax: z
    .int()
    .min(24)
    .max(1024 ** 3),
  secondsMax: z
    .number()
    .positive()
    .max(24 * 60 * 60),
});
type Order = z.infer<typeof Order>;

const parseOrder = (raw: unknown): Order => {
  const result = Order.safeParse(raw);
  if (result.success) return result.data;
  throw new DomainError("invalid-input", "This is not the order of a capture.", { cause: result.error });
};

/** It ends by itself so long after it should have been ended: this process may be gone by then. */
const graceSeconds = 5;

/**
 * Listens in the node's namespace with the host's own program, which has given up its rights: on the host's end, frames that
 * the relay sends are not seen. Written frame by frame, taken apart by nobody.
 */
const launch = (
  { sandboxKey, secondsMax }: Order,
  interfaceName: string,
): ChildProcess & { readonly stdout: Readable } => {
  const bounded = ["timeout", "--kill-after=2", String(Math.ceil(secondsMax) + graceSeconds)];
  const tcpdump = ["tcpdump", "-i", interfaceName, "-n", "-p", "-U", "-w", "-"];
  return spawn("nsenter", [`--net=${sandboxKey}`, "--", ...bounded, ...tcpdump], {
    stdio: ["ignore", "pipe", "ignore"],
    env: commandEnvironment,
  });
};

/** Makes captures that end at the latest with `ending`. */
export const makeCapture = (ending: AbortSignal): Links["capture"] =>
  async function* capture(port, limits, signal) {
    const order = parseOrder({ ...port, ...limits });
    const inside = await translated(() => findInterface(order.sandboxKey, order.macAddress));
    if (inside === undefined) throw new DomainError("not-found", "The node has no such interface now.");
    const end = AbortSignal.any([signal, ending, AbortSignal.timeout(order.secondsMax * 1000)]);
    const isOver = (): boolean => end.aborted;
    if (isOver()) return;
    const child = launch(order, inside.ifname);
    let hasBegun = false;
    // What cannot be started is learnt from its bringing nothing.
    child.on("error", () => undefined);
    // Passed on by `timeout`, which sees to it that it is obeyed.
    const kill = (): void => void child.kill("SIGTERM");
    end.addEventListener("abort", kill, { once: true });
    const cutter = makePcapCutter(order.bytesMax);
    try {
      const pieces: AsyncIterable<Buffer> = child.stdout;
      for await (const piece of pieces) {
        hasBegun = true;
        const whole = cutter.add(piece);
        if (whole.length > 0) yield whole;
        if (cutter.isFull()) return;
      }
      if (!hasBegun && !isOver()) throw new DomainError("unavailable", "The host cannot capture now.");
    } finally {
      end.removeEventListener("abort", kill);
      kill();
    }
  };
