import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { machineMilliseconds } from "./probe/messages.ts";
import { tendProbeChild } from "./probe-child.ts";

/** A program that answers like a prober until it is told to try port 2, and then does what the test says. */
const aProgram = (onPort2: string) => {
  const script = `
    const answer = { isLate: false, waitedMilliseconds: 0, isReached: true, milliseconds: 1, detail: "connected" };
    process.on("message", ({ id, port }) => {
      if (port !== 2) process.send({ id, ...answer });
      else ${onPort2}
    });
    setInterval(() => undefined, 1_000_000);`;
  const program = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  return { program, child: tendProbeChild(program) };
};

const order = (port: number) => {
  const now = machineMilliseconds();
  return { kind: "tcp" as const, addresses: [], port, givenAtMilliseconds: now, untilMilliseconds: now + 60_000 };
};

describe("tending a program that probes", () => {
  it("is resting once it is ready, and not before", async () => {
    const { child } = aProgram("{}");
    expect(child.isUsable()).toBe(true);
    expect(child.isResting()).toBe(false);
    await child.ready;
    expect(child.isResting()).toBe(true);
    const asked = child.ask(order(1));
    expect(child.isResting()).toBe(false);
    expect(await asked).toMatchObject({ isReached: true });
    child.kill();
    await child.ended;
    expect(child.isUsable()).toBe(false);
  });

  it("ends one that cannot be asked any more and does not end by itself", async () => {
    const { program, child } = aProgram("process.disconnect();");
    await child.ready;
    const asked = child.ask(order(2));
    await expect(asked).rejects.toThrow("the prober has ended");
    await child.ended;
    expect(program.signalCode).toBe("SIGKILL");
    expect(child.isUsable()).toBe(false);
    expect(child.isResting()).toBe(false);
  });

  it("ends one that says what no prober says", async () => {
    const { program, child } = aProgram('process.send({ id, shell: "yes" });');
    await child.ready;
    await expect(child.ask(order(2))).rejects.toThrow("the prober has ended");
    expect(program.signalCode).toBe("SIGKILL");
  });

  it("is ready, in a way, when it could not even start: what it is asked says so", async () => {
    const child = tendProbeChild(spawn("/nowhere/prober", { stdio: ["ignore", "ignore", "ignore", "ipc"] }));
    await child.ready;
    await child.ended;
    expect(child.isUsable()).toBe(false);
    await expect(child.ask(order(1))).rejects.toThrow("the prober has ended");
  });
});
