import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ApiAnswer, ApiClient } from "./api-client.ts";
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
  | { readonly kind: "not-up"; readonly detail: string };

const Refusal = z.object({ code: z.string(), detail: z.string() });

/** What people did to the platform is no fault of it: a refusal is told, and the journey goes on. */
const refusalOf = ({ status, body }: ApiAnswer): string | undefined =>
  status === 409 || status === 403 ? Refusal.safeParse(body).data?.detail : undefined;

const isChanged = async (api: ApiClient, token: string, id: string): Promise<boolean> => {
  const source = expectStatus(await api({ path: `/v1/simulations/${id}/topology`, token }), 200);
  return source !== JSON.stringify(lab);
};

/** Whoever broke nodes of the lab by hand finds them whole. */
const startNodes = async (api: ApiClient, token: string, { id, nodes }: Simulation): Promise<void> => {
  for (const { name: node, state } of nodes) {
    if (state === "running") continue;
    const path = `/v1/simulations/${id}/nodes/${encodeURIComponent(node)}/start`;
    expectStatus(await api({ method: "POST", path, token }), 202, 409);
  }
};

/**
 * Starts the lab, made anew or found from an earlier journey, and waits until all of its nodes run; those of a lab that somebody
 * changed may end as they like. @throws Error when it does not come to run within two minutes
 */
export const startLab = async (api: ApiClient, token: string): Promise<Lab> => {
  const found = await find(api, token);
  const path = found === undefined ? "/v1/simulations?start=true" : `/v1/simulations/${found.id}/start`;
  const answer = await api({ method: "POST", path, token, ...(found === undefined ? { body: lab } : {}) });
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return { kind: "not-up", detail: refusal };
  const { id } = Accepted.parse(expectStatus(answer, 202)).simulation;
  const look = async (): Promise<Simulation> =>
    Simulation.parse(expectStatus(await api({ path: `/v1/simulations/${id}`, token }), 200));
  const isTheirs = await isChanged(api, token, id);
  const begun = await until(look, ({ status }) => status === "running" || status === "failed");
  if (found !== undefined && begun.status === "running") await startNodes(api, token, begun);
  const areUp = ({ nodes }: Simulation): boolean => isTheirs || nodes.every(({ state }) => state === "running");
  const seen = await until(look, (one) => one.status === "failed" || (one.status === "running" && areUp(one)));
  const nodes = seen.nodes.map(({ name: node }) => node);
  if (seen.status === "running") return { kind: "up", id, nodes, isChanged: isTheirs };
  const detail = `The simulation failed: ${seen.error?.detail ?? "nobody says why"}`;
  if (isTheirs) return { kind: "not-up", detail };
  throw new Error(detail);
};

export type PlayedRun =
  | { readonly kind: "played"; readonly id: string; readonly held: number; readonly assertions: number }
  | { readonly kind: "not-played"; readonly detail: string };

/** Plays the lab's timeline to its end. @throws Error naming the assertions that did not hold, unless somebody changed the lab */
export const runLab = async (
  api: ApiClient,
  token: string,
  { id: labId, isChanged: isTheirs }: Pick<Extract<Lab, { kind: "up" }>, "id" | "isChanged">,
): Promise<PlayedRun> => {
  if (isTheirs) return { kind: "not-played", detail: "somebody changed the lab, so it is left to them" };
  const path = `/v1/simulations/${labId}/runs`;
  const answer = await api({ method: "POST", path, token });
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return { kind: "not-played", detail: refusal };
  const { id } = Run.parse(expectStatus(answer, 202));
  const look = async (): Promise<Run> => Run.parse(expectStatus(await api({ path: `${path}/${id}`, token }), 200));
  const run = await until(look, ({ status }) => status !== "running");
  const broken = run.assertions.filter(({ verdict }) => verdict !== "passed");
  if (run.status === "passed") {
    return { kind: "played", id, held: run.assertions.length - broken.length, assertions: run.assertions.length };
  }
  const reasons = broken.map(({ name: what, reason }) => `${what} (${reason ?? "?"})`);
  throw new Error(`The run ${run.status}: ${reasons.join("; ")}`);
};
