import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
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

/**
 * Listens in the node's namespace with the host's own program, which has given up its rights: on the host's end, frames that
 * the relay sends are not seen. Written frame by frame, taken apart by nobody.
 */
const launch = (sandboxKey: string, interfaceName: string): ChildProcess & { readonly stdout: Readable } => {
  const tcpdump = ["tcpdump", "-i", interfaceName, "-n", "-p", "-U", "-w", "-"];
  return spawn("nsenter", [`--net=${sandboxKey}`, "--", ...tcpdump], {
    stdio: ["ignore", "pipe", "ignore"],
    env: commandEnvironment,
  });
};

/** Makes captures that end at the latest with `ending`. */
export const makeCapture = (ending: AbortSignal): Links["capture"] =>
  async function* capture(port, limits, signal) {
    const { sandboxKey, macAddress, bytesMax, secondsMax } = parseOrder({ ...port, ...limits });
    const inside = await findInterface(sandboxKey, macAddress);
    if (inside === undefined) throw new DomainError("not-found", "The node has no such interface now.");
    const end = AbortSignal.any([signal, ending, AbortSignal.timeout(secondsMax * 1000)]);
    if (end.aborted) return;
    const child = launch(sandboxKey, inside.ifname);
    let startError: Error | undefined;
    child.on("error", (error) => (startError = error));
    const kill = (): void => void child.kill("SIGKILL");
    end.addEventListener("abort", kill, { once: true });
    const cutter = makePcapCutter(bytesMax);
    try {
      const pieces: AsyncIterable<Buffer> = child.stdout;
      for await (const piece of pieces) {
        const whole = cutter.add(piece);
        if (whole.length > 0) yield whole;
        if (cutter.isFull()) return;
      }
      if (startError !== undefined)
        throw new DomainError("unavailable", "The host cannot capture.", { cause: startError });
    } finally {
      end.removeEventListener("abort", kill);
      kill();
    }
  };
