import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import { expectStatus } from "./api-client.ts";

const name = "Acme's lab";

/** Three nodes, one of their links lossy. The run cuts that link, then kills the database, and says what must be seen. */
const lab = {
  name,
  seed: 7,
  nodes: {
    client: { image: "toolbox", command: ["sleep", "infinity"] },
    web: { image: "toolbox", command: ["httpd", "-f", "-p", "8080", "-h", "/www"] },
    db: { image: "toolbox", command: ["nc", "-ll", "-p", "5432", "-e", "cat"] },
  },
  links: {
    front: { nodes: ["client", "web"], delay: "5ms", jitter: "1ms", loss: "2%" },
    back: { nodes: ["web", "db"] },
  },
  timeline: [
    { at: "2s", link: "front", impair: { loss: "100%" }, for: "2s" },
    { at: "5s", node: "db", action: "kill" },
  ],
  assertions: [
    {
      name: "the site answers",
      http: { from: "client", to: "web", port: 8080, path: "/", status: 200 },
      ...{ expect: "eventually", from: "0s", until: "2s" },
    },
    {
      name: "nobody gets through a line that loses everything",
      tcp: { from: "client", to: "web", port: 8080 },
      ...{ expect: "never", from: "2500ms", until: "3500ms" },
    },
    {
      name: "the site comes back by itself",
      tcp: { from: "client", to: "web", port: 8080 },
      ...{ expect: "eventually", from: "4500ms", until: "8s" },
    },
    {
      name: "a dead database is not reached",
      tcp: { from: "web", to: "db", port: 5432 },
      ...{ expect: "never", from: "6500ms", until: "8s" },
    },
  ],
} as const;

const Simulation = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  error: z.object({ detail: z.string() }).optional(),
  nodes: z.array(z.object({ name: z.string(), state: z.string() })),
});
type Simulation = z.infer<typeof Simulation>;
const List = z.object({ simulations: z.array(Simulation) });
const Accepted = z.object({ simulation: Simulation });
const Run = z.object({
  id: z.string(),
  status: z.string(),
  assertions: z.array(z.object({ name: z.string(), verdict: z.string(), reason: z.string().optional() })).default([]),
});
type Run = z.infer<typeof Run>;

const pollMilliseconds = 300;
const patienceMilliseconds = 120_000;

/** Looks again until it is as wanted. @throws Error with what was last seen after two minutes */
const until = async <T>(look: () => Promise<T>, isDone: (seen: T) => boolean): Promise<T> => {
  const deadline = performance.now() + patienceMilliseconds;
  for (;;) {
    const seen = await look();
    if (isDone(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`It took too long: ${JSON.stringify(seen).slice(0, 500)}`);
    await sleep(pollMilliseconds);
  }
};

const find = async (api: ApiClient, token: string): Promise<Simulation | undefined> => {
  const answer = await api({ path: "/v1/simulations?limit=100", token });
  return List.parse(expectStatus(answer, 200)).simulations.find((simulation) => simulation.name === name);
};

const post = async (api: ApiClient, token: string, path: string, body?: unknown): Promise<unknown> =>
  expectStatus(await api({ method: "POST", path, token, ...(body === undefined ? {} : { body }) }), 202);

/** Starts the lab, made anew or found from an earlier journey, and waits until all of its nodes run. */
export const startLab = async (api: ApiClient, token: string): Promise<Simulation> => {
  const found = await find(api, token);
  const path = found === undefined ? "/v1/simulations?start=true" : `/v1/simulations/${found.id}/start`;
  const { id } = Accepted.parse(await post(api, token, path, found === undefined ? lab : undefined)).simulation;
  const look = async (): Promise<Simulation> =>
    Simulation.parse(expectStatus(await api({ path: `/v1/simulations/${id}`, token }), 200));
  const isUp = ({ status, nodes }: Simulation): boolean =>
    status === "running" && nodes.every(({ state }) => state === "running");
  const seen = await until(look, (simulation) => isUp(simulation) || simulation.status === "failed");
  if (isUp(seen)) return seen;
  throw new Error(`The simulation failed: ${seen.error?.detail ?? "nobody says why"}`);
};

/** Plays the lab's timeline to its end. @throws Error naming the assertions that did not hold */
export const runLab = async (api: ApiClient, token: string, { id }: Simulation): Promise<Run> => {
  const { id: runId } = Run.parse(await post(api, token, `/v1/simulations/${id}/runs`));
  const look = async (): Promise<Run> =>
    Run.parse(expectStatus(await api({ path: `/v1/simulations/${id}/runs/${runId}`, token }), 200));
  const run = await until(look, ({ status }) => status !== "running");
  if (run.status === "passed") return run;
  const broken = run.assertions.filter(({ verdict }) => verdict !== "passed");
  throw new Error(
    `The run ${run.status}: ${broken.map(({ name: what, reason }) => `${what} (${reason ?? "?"})`).join("; ")}`,
  );
};
