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

/** What the member's lab has come to. Whoever tries the platform may have changed it, or may run another one in its place. */
export type Lab =
  | { readonly kind: "up"; readonly id: string; readonly nodes: readonly string[]; readonly isChanged: boolean }
  | { readonly kind: "no-place"; readonly detail: string };

const Refusal = z.object({ code: z.literal("simulation-limit-reached"), detail: z.string() });

const isChanged = async (api: ApiClient, token: string, id: string): Promise<boolean> => {
  const source = expectStatus(await api({ path: `/v1/simulations/${id}/topology`, token }), 200);
  return source !== JSON.stringify(lab);
};

/**
 * Starts the lab, made anew or found from an earlier journey, and waits until all of its nodes run.
 * @throws Error when it does not come to run within two minutes
 */
export const startLab = async (api: ApiClient, token: string): Promise<Lab> => {
  const found = await find(api, token);
  const path = found === undefined ? "/v1/simulations?start=true" : `/v1/simulations/${found.id}/start`;
  const answer = await api({ method: "POST", path, token, ...(found === undefined ? { body: lab } : {}) });
  const refusal = answer.status === 409 ? Refusal.safeParse(answer.body).data : undefined;
  if (refusal !== undefined) return { kind: "no-place", detail: refusal.detail };
  const { id } = Accepted.parse(expectStatus(answer, 202)).simulation;
  const look = async (): Promise<Simulation> =>
    Simulation.parse(expectStatus(await api({ path: `/v1/simulations/${id}`, token }), 200));
  const isUp = ({ status, nodes }: Simulation): boolean =>
    status === "running" && nodes.every(({ state }) => state === "running");
  const seen = await until(look, (simulation) => isUp(simulation) || simulation.status === "failed");
  if (!isUp(seen)) throw new Error(`The simulation failed: ${seen.error?.detail ?? "nobody says why"}`);
  return {
    kind: "up",
    id,
    nodes: seen.nodes.map(({ name: node }) => node),
    isChanged: await isChanged(api, token, id),
  };
};

export interface PlayedRun {
  readonly id: string;
  readonly held: number;
  readonly assertions: number;
}

/** Plays the lab's timeline to its end. @throws Error naming the assertions that did not hold, unless somebody changed the lab */
export const runLab = async (
  api: ApiClient,
  token: string,
  { id: labId, isChanged: isTheirs }: Pick<Extract<Lab, { kind: "up" }>, "id" | "isChanged">,
): Promise<PlayedRun> => {
  const path = `/v1/simulations/${labId}/runs`;
  const { id } = Run.parse(expectStatus(await api({ method: "POST", path, token }), 202));
  const look = async (): Promise<Run> => Run.parse(expectStatus(await api({ path: `${path}/${id}`, token }), 200));
  const run = await until(look, ({ status }) => status !== "running");
  const broken = run.assertions.filter(({ verdict }) => verdict !== "passed");
  if (run.status === "passed" || isTheirs) {
    return { id, held: run.assertions.length - broken.length, assertions: run.assertions.length };
  }
  const reasons = broken.map(({ name: what, reason }) => `${what} (${reason ?? "?"})`);
  throw new Error(`The run ${run.status}: ${reasons.join("; ")}`);
};
