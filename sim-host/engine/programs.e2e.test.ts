import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { waitUntil } from "../../local/process/wait-until.ts";
import { rawDocker, testImage, testSocketPath, testTenant } from "../../tests/support/docker.ts";
import { dockerEngine } from "./docker-engine.ts";
import type { DockerId, Terminal } from "./ports.ts";

const engine = dockerEngine({ socketPath: testSocketPath });
const docker = rawDocker();
const Top = z.object({ Processes: z.array(z.array(z.string())) });
const text = new TextDecoder();
const limits = { outputBytesMax: 65_536, timeoutMilliseconds: 20_000 };

async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

describe("programs in a node", () => {
  let tenant: ReturnType<typeof testTenant>;
  let node: DockerId;
  beforeAll(async () => {
    tenant = testTenant(engine, await testImage(docker));
    node = await engine.createContainer(tenant.aContainer("node"));
    await engine.start(node);
  });
  afterAll(() => tenant.cleanUp());

  /** What runs in the node besides what it was started with. */
  const running = async (): Promise<readonly string[]> => {
    const answer = Top.parse(await docker.getContainer(node).top({ ps_args: "-o pid,args" }));
    const all = answer.Processes.map(([, args = ""]) => args);
    return all.filter((args) => !args.includes("infinity"));
  };
  const isQuiet = () => waitUntil(async () => (await running()).length === 0, 15_000);
  const readUntil = async (terminal: Terminal, wanted: RegExp): Promise<string> => {
    let seen = "";
    const output = terminal.output[Symbol.asyncIterator]();
    while (!wanted.test(seen)) {
      const next = await output.next();
      if (next.done === true) throw new Error(`The terminal ended with: ${seen}`);
      seen += text.decode(next.value);
    }
    return seen;
  };

  it("give both outputs and how they ended", async () => {
    const { exitCode, output, isCut } = await engine.run(node, ["sh", "-c", "echo a; echo b >&2; exit 3"], limits);
    expect(text.decode(output).split("\n").sort()).toStrictEqual(["", "a", "b"]);
    expect({ exitCode, isCut }).toStrictEqual({ exitCode: 3, isCut: false });
  });

  it("give their output without their errors to who asks for that", async () => {
    const options = { ...limits, leavesOutErrors: true };
    const { output } = await engine.run(node, ["sh", "-c", "echo a; echo b >&2; echo c"], options);
    expect(text.decode(output)).toBe("a\nc\n");
  });

  it("read their input to its end", async () => {
    const input = chunks("one\n", "two\n".repeat(100_000));
    const { exitCode, output } = await engine.run(node, ["wc", "-l"], { ...limits, input });
    expect(text.decode(output).trim()).toBe("100001");
    expect(exitCode).toBe(0);
  });

  it("need not read their input", async () => {
    const input = chunks(...Array.from({ length: 200 }, () => "x".repeat(100_000)));
    expect(await engine.run(node, ["true"], { ...limits, input })).toMatchObject({ exitCode: 0, isCut: false });
  });

  it("do not take input that breaks off for its end", async () => {
    const broken = async function* () {
      yield* chunks("half");
      throw new Error("The upload broke off.");
    };
    const run = engine.run(node, ["sh", "-c", "cat; sleep 77"], { ...limits, input: broken() });
    await expect(run).rejects.toThrow("The upload broke off.");
    expect(await isQuiet()).toBe(true);
  });

  it("end when their output is more than is wanted", async () => {
    const { output, isCut } = await engine.run(node, ["yes"], { ...limits, outputBytesMax: 1000 });
    expect(output).toHaveLength(1000);
    expect(isCut).toBe(true);
    expect(await isQuiet()).toBe(true);
    const exact = await engine.run(node, ["sh", "-c", "printf 12345"], { ...limits, outputBytesMax: 5 });
    expect({ text: text.decode(exact.output), isCut: exact.isCut }).toStrictEqual({ text: "12345", isCut: false });
  });

  it("end with their time, and everything that they have started, also what does not listen", async () => {
    const script = "trap '' HUP TERM INT; sleep 78 & sleep 79; sleep 80";
    const began = performance.now();
    const result = await engine.run(node, ["sh", "-c", script], { ...limits, timeoutMilliseconds: 300 });
    expect(result).toMatchObject({ exitCode: 124, isCut: false });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(await isQuiet()).toBe(true);
  });

  it("are told when they do not exist, and when their node does not run", async () => {
    const missing = await engine.run(node, ["/no/such/program"], limits);
    expect(missing.exitCode).toBe(126);
    const idle = await engine.createContainer(tenant.aContainer("idle"));
    await expect(engine.run(idle, ["true"], limits)).rejects.toMatchObject({ code: "conflict" });
    await expect(engine.terminal(idle, ["sh"], { columns: 80, rows: 24 })).rejects.toMatchObject({ code: "conflict" });
  });

  it("are bounded in number", async () => {
    const crowd = await engine.createContainer(tenant.aContainer("crowd", { pidsMax: 200 }));
    await engine.start(crowd);
    const size = { columns: 80, rows: 24 };
    const opened: Terminal[] = [];
    for (let count = 0; count < 16; count += 1) opened.push(await engine.terminal(crowd, ["sleep", "81"], size));
    await expect(engine.run(crowd, ["true"], limits)).rejects.toMatchObject({ code: "conflict" });
    await Promise.all(opened.map((terminal) => terminal.close()));
    await expect.poll(() => engine.run(crowd, ["true"], limits)).toMatchObject({ exitCode: 0 });
  });

  it("talk to a terminal, which has a size", async () => {
    const terminal = await engine.terminal(node, ["sh"], { columns: 123, rows: 45 });
    await terminal.write(Buffer.from("stty size; echo $TERM\n"));
    expect(await readUntil(terminal, /xterm-256color\r\n/)).toContain("45 123");
    await terminal.resize({ columns: 90, rows: 30 });
    await terminal.write(Buffer.from("stty size; echo do''ne\n"));
    expect(await readUntil(terminal, /done\r\n/)).toContain("30 90");
    await terminal.close();
    await terminal.close();
    expect(await isQuiet()).toBe(true);
    await terminal.resize({ columns: 1, rows: 1 });
    await terminal.write(Buffer.from("nobody"));
  });

  it("end with their terminal, also those that will not hear of it", async () => {
    const terminal = await engine.terminal(node, ["sh"], { columns: 80, rows: 24 });
    await terminal.write(
      Buffer.from("trap '' HUP; sleep 82 & sleep 83 & sh -c 'trap \"\" HUP; echo sta''rted; sleep 84'\n"),
    );
    await readUntil(terminal, /started\r\n/);
    await expect.poll(async () => (await running()).length).toBeGreaterThanOrEqual(4);
    await terminal.close();
    expect(await isQuiet()).toBe(true);
  });

  it("end when nobody reads their terminal any more", async () => {
    const terminal = await engine.terminal(node, ["sh"], { columns: 80, rows: 24 });
    for await (const _chunk of terminal.output) break;
    expect(await isQuiet()).toBe(true);
  });

  it("end the output of their terminal when they end", async () => {
    const terminal = await engine.terminal(node, ["sh", "-c", "echo bye"], { columns: 80, rows: 24 });
    let seen = "";
    for await (const chunk of terminal.output) seen += text.decode(chunk);
    expect(seen).toBe("bye\r\n");
  });

  it("go on within their node where signals from outside are not allowed", async () => {
    const refusing = dockerEngine({
      socketPath: testSocketPath,
      sendSignal: () => {
        throw Object.assign(new Error("Operation not permitted"), { code: "EPERM" });
      },
    });
    const run = await refusing.run(node, ["sleep", "8"], { ...limits, timeoutMilliseconds: 100 });
    expect(run.exitCode).toBe(124);
    expect(await running()).toContain("sleep 8");
    expect(await isQuiet()).toBe(true);
  });
});
