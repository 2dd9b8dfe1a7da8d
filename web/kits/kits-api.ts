import { fetchJson, fetchOk } from "../console/api/fetch-json.ts";
import type { Read } from "../page/shape.ts";
import { anyObject, flag, listOf, nullable, number, oneOf, optional, shape, text } from "../page/shape.ts";

const anything: Read<unknown> = (value) => value;
const plan = oneOf("free", "pro", "enterprise");

const readListedKit = shape({
  ...{ id: text, name: text, summary: text, version: text, minPlan: plan, requiredPlan: nullable(plan) },
  categories: listOf(text),
});
export type ListedKit = ReturnType<typeof readListedKit>;

const readList = shape({
  kits: listOf(readListedKit),
  facets: shape({ categories: anyObject, plans: anyObject }),
  total: number,
  next: nullable(text),
});
export type KitList = ReturnType<typeof readList>;

const readChange = shape({
  version: text,
  date: text,
  ...{ added: optional(listOf(text)), changed: optional(listOf(text)) },
  ...{ fixed: optional(listOf(text)), security: optional(listOf(text)) },
});
export type ChangelogEntry = ReturnType<typeof readChange>;

const readParameter = shape({
  ...{ name: text, type: oneOf("string", "integer", "boolean", "choice", "secret"), label: text },
  ...{ message: optional(text), required: optional(flag), default: anything, choices: optional(listOf(text)) },
});
export type KitParameter = ReturnType<typeof readParameter>;

const readKit = shape({
  ...{ id: text, name: text, summary: text, version: text, minPlan: plan, requiredPlan: nullable(plan) },
  ...{ licence: text, homepage: optional(text), readme: text, signature: text },
  categories: listOf(text),
  architectures: listOf(text),
  requirements: shape({ memoryMegabytes: number, diskMegabytes: number }),
  parameters: listOf(readParameter),
  services: listOf(shape({ name: text, image: text, summary: text })),
  ports: listOf(shape({ name: text, service: text, number, container: number, protocol: text })),
  dependencies: listOf(shape({ id: text, range: text })),
  changelog: listOf(readChange),
  changes: optional(listOf(readChange)),
  versions: listOf(
    shape({ version: text, publishedAt: text, yankedAt: nullable(text), sizeBytes: number, sha256: text }),
  ),
});
export type Kit = ReturnType<typeof readKit>;

const readOperation = shape({ op: oneOf("add", "replace", "remove"), path: text, value: anything });
const readFinding = shape({
  ...{ rule: text, severity: oneOf("error", "warning", "info"), line: number, column: number, pointer: text },
  ...{ reason: text, repair: optional(listOf(readOperation)) },
});
export type Finding = ReturnType<typeof readFinding>;
export type RepairStep = ReturnType<typeof readOperation>;

const readValidation = shape({
  isValid: flag,
  findings: listOf(readFinding),
  lacks: listOf(text),
  requiredPlan: nullable(plan),
  dependencies: shape({ install: listOf(shape({ id: text, version: text })), conflicts: listOf(text) }),
});
export type Validation = ReturnType<typeof readValidation>;

const readInstalled = shape({
  outcome: oneOf("created", "changed", "unchanged", "dry-run"),
  ...{ deploymentId: text, name: text, version: text },
  changes: listOf(shape({ pointer: text, from: anything, to: anything })),
});
export type Installed = ReturnType<typeof readInstalled>;

const readInstallations = shape({ installations: listOf(shape({ name: text, version: text, spec: text })) });
export type Installation = ReturnType<typeof readInstallations>["installations"][number];

const readVerdicts = listOf(shape({ name: text, verdict: text }));
const readTrials = shape({
  proof: nullable(shape({ endedAt: text, assertions: readVerdicts })),
  own: nullable(
    shape({
      ...{ id: text, status: oneOf("passed", "failed"), reason: optional(text), endedAt: text },
      ...{ simulationId: text, runId: optional(text) },
    }),
  ),
});
export type KitTrials = ReturnType<typeof readTrials>;

const readBegun = shape({ id: text, simulationId: text });
const readOnTrial = shape({ trial: optional(shape({ status: oneOf("running", "passed", "failed", "given-up") })) });

export interface KitsApi {
  readonly list: (query: URLSearchParams) => Promise<KitList>;
  readonly get: (id: string, query: URLSearchParams) => Promise<Kit>;
  /** The archive, to be saved. */
  readonly download: (id: string, version: string) => Promise<Blob>;
  readonly validate: (id: string, version: string, spec: string) => Promise<Validation>;
  readonly install: (id: string, version: string, spec: string, isDryRun: boolean) => Promise<Installed>;
  readonly installations: (id: string) => Promise<readonly Installation[]>;
  readonly uninstall: (id: string, name: string) => Promise<void>;
  /** What trials of the version came to, anybody's and the tenant's own. */
  readonly trials: (id: string, version: string) => Promise<KitTrials>;
  /** Runs the version in a simulation. */
  readonly tryOut: (id: string, version: string) => Promise<ReturnType<typeof readBegun>>;
  /** Whether the trial that a simulation was made for goes on. */
  readonly isOnTrial: (simulationId: string) => Promise<boolean>;
}

const downloadMilliseconds = 60_000;

/** StackKits as one person sees them (contract C7). Everything throws `ApiError`. */
export const kitsApi = (accessToken: string): KitsApi => {
  const headers = { accept: "application/json", authorization: `Bearer ${accessToken}` };
  const call = (path: string, init: RequestInit = {}) =>
    fetchJson(`/v1/stackkits${path}`, {
      ...init,
      headers: { ...headers, ...(init.body ? { "content-type": "application/yaml" } : {}) },
    });
  const at = (id: string): string => `/${encodeURIComponent(id)}`;
  return {
    list: async (query) => readList(await call(`?${query.toString()}`)),
    get: async (id, query) => readKit(await call(`${at(id)}?${query.toString()}`)),
    download: async (id, version) => {
      const path = `/v1/stackkits${at(id)}/download?version=${encodeURIComponent(version)}`;
      return (await fetchOk(path, { headers, signal: AbortSignal.timeout(downloadMilliseconds) })).blob();
    },
    validate: async (id, version, body) =>
      readValidation(await call(`${at(id)}/validate?version=${encodeURIComponent(version)}`, { method: "POST", body })),
    install: async (id, version, body, isDryRun) => {
      const query = new URLSearchParams({ version, dryRun: String(isDryRun) });
      return readInstalled(await call(`${at(id)}/install?${query}`, { method: "POST", body }));
    },
    installations: async (id) => readInstallations(await call(`${at(id)}/install`)).installations,
    uninstall: async (id, name) => {
      await call(`${at(id)}/install/${encodeURIComponent(name)}`, { method: "DELETE" });
    },
    trials: async (id, version) => readTrials(await call(`${at(id)}/trials?version=${encodeURIComponent(version)}`)),
    tryOut: async (kit, version) => {
      const init = { method: "POST", body: JSON.stringify({ kit, version }) };
      const json = { ...headers, "content-type": "application/json" };
      return readBegun(await fetchJson("/v1/simulations/trials", { ...init, headers: json }));
    },
    isOnTrial: async (simulationId) => {
      const path = `/v1/simulations/${encodeURIComponent(simulationId)}`;
      return readOnTrial(await fetchJson(path, { headers })).trial?.status === "running";
    },
  };
};
