import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Dockerode from "dockerode";
import { z } from "zod";
import { keepTestEngine } from "../local/docker/test-engine.ts";
import type { ControlPlane } from "../tests/support/control-plane.ts";
import { startControlPlane } from "../tests/support/control-plane.ts";
import type { TestEngine } from "../tests/support/docker-engine.ts";
import { testEngine } from "../tests/support/docker-engine.ts";
import { gatewayKey, startSimHost } from "../tests/support/sim-host-process.ts";

/** The engine of all benches of simulations, which both sides of every pair use. */
export interface BenchEngine extends TestEngine {
  readonly docker: Dockerode;
  close(): Promise<void>;
}

/** The machine's engine, or one that is started for these benches. Undefined, and said why, where there is none. */
export const openBenchEngine = async (): Promise<BenchEngine | undefined> => {
  const end = keepTestEngine();
  const engine = await testEngine();
  if (engine === undefined) {
    await end();
    return undefined;
  }
  return { ...engine, docker: new Dockerode({ socketPath: engine.socketPath }), close: end };
};

const Simulation = z.object({ id: z.string(), status: z.string(), error: z.unknown().optional() });
const Started = z.object({ simulation: Simulation });

/** A simulation host as a process of its own, and what its gateway would ask of it. */
export interface BenchSimHost {
  readonly pid: number;
  readonly dataDirectory: string;
  /** The text of an answer; `request` as in `GET /sim-...`. @throws Error when its status is another one */
  call(tenantId: string, request: string, expected: number, body?: unknown): Promise<string>;
  /** Makes one and has it started; answers its id when all of it runs. */
  start(tenantId: string, topology: object): Promise<string>;
  /** Answers when nothing of it is left. */
  remove(tenantId: string, id: string): Promise<void>;
  close(): Promise<void>;
}

const pauseMilliseconds = 50;
const deadlineMilliseconds = 120_000;
const logCharactersMax = 3_000;

const tokensOf = (controlPlane: ControlPlane): ((tenantId: string) => Promise<string>) => {
  const kept = new Map<string, Promise<string>>();
  return (tenantId) => {
    const token = kept.get(tenantId) ?? controlPlane.token(tenantId);
    kept.set(tenantId, token);
    return token;
  };
};

/** Asks until the answer is another than undefined. @throws Error with the end of the log when it takes too long */
const until = async <T>(what: string, log: () => string, look: () => Promise<T | undefined>): Promise<T> => {
  const deadline = performance.now() + deadlineMilliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} takes too long.\n${log().slice(-logCharactersMax)}`);
    await sleep(pauseMilliseconds);
  }
};

type Ask = (tenantId: string, request: string, body?: unknown) => Promise<{ status: number; text: string }>;

const askerOf =
  (url: string, token: (tenantId: string) => Promise<string>): Ask =>
  async (tenantId, request, body) => {
    const [method = "", path = ""] = request.split(" ");
    const headers = {
      authorization: `Bearer ${await token(tenantId)}`,
      "x-kombify-gateway-key": gatewayKey,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}/v1/simulations${path}`, { method, headers, signal, ...content });
    return { status: answer.status, text: await answer.text() };
  };

const startedBy = (ask: Ask, log: () => string) => {
  const call: BenchSimHost["call"] = async (tenantId, request, expected, body) => {
    const { status, text } = await ask(tenantId, request, body);
    if (status === expected) return text;
    throw new Error(`${request} answered ${status}: ${text.slice(0, 500)}`);
  };
  return {
    call,
    async start(tenantId: string, topology: object): Promise<string> {
      const made = await call(tenantId, "POST ?start=true", 202, topology);
      const { id } = Started.parse(JSON.parse(made)).simulation;
      return until(`The start of ${id}`, log, async () => {
        const text = await call(tenantId, `GET /${id}`, 200);
        const { status } = Simulation.parse(JSON.parse(text));
        if (["failed", "stopping", "stopped"].includes(status)) throw new Error(`It did not start: ${text}`);
        return status === "running" ? id : undefined;
      });
    },
    async remove(tenantId: string, id: string): Promise<void> {
      await call(tenantId, `DELETE /${id}`, 202);
      await until(`The end of ${id}`, log, async () => {
        const { status } = await ask(tenantId, `GET /${id}`);
        return status === 404 ? true : undefined;
      });
    },
  };
};

/**
 * Starts a host on the engine with data of its own; walls are installed and were tested when it answers. It takes everything with
 * it when it is closed.
 */
export const openBenchSimHost = async (
  { socketPath, toolbox }: BenchEngine,
  settings: Readonly<Record<string, string>> = {},
  prepare: (dataDirectory: string) => void = () => undefined,
): Promise<BenchSimHost> => {
  const directory = await mkdtemp(join(tmpdir(), "kombify-bench-sim-"));
  const dataDirectory = join(directory, "data");
  const controlPlane = await startControlPlane();
  const clear = async (): Promise<void> => {
    await controlPlane.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    prepare(dataDirectory);
    const host = await startSimHost({
      ...{ directory, socketPath, toolbox, controlPlane },
      settings: { SIM_ON_SHUTDOWN: "remove", ...settings },
    });
    return {
      pid: host.child.pid ?? 0,
      dataDirectory,
      ...startedBy(askerOf(host.url, tokensOf(controlPlane)), host.log),
      async close() {
        await host.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
};
