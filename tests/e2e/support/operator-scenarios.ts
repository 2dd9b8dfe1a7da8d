import type { Actor, Scenario } from "./scenario.ts";

/** Every route of operators, with a request that would be good. */
const routes = [
  { method: "POST", path: "/api/admin/instances", json: {} },
  { method: "GET", path: "/api/admin/instances" },
  { method: "GET", path: "/api/admin/instances/stack-westeurope-1" },
  { method: "POST", path: "/api/admin/instances/stack-westeurope-1/drain" },
  { method: "POST", path: "/api/admin/instances/stack-westeurope-1/undrain" },
  { method: "POST", path: "/api/admin/instances/stack-westeurope-1/retire" },
  { method: "GET", path: "/api/admin/tenants" },
  { method: "POST", path: "/api/admin/tenants/t0/suspend" },
  { method: "POST", path: "/api/admin/tenants/t0/resume" },
  { method: "POST", path: "/api/admin/launch-keys/rotate" },
] as const;

const refusedTo = (as: Actor, status: number, code: string): readonly Scenario[] =>
  routes.map((call) => ({ name: `${call.method} ${call.path} by ${as}`, as, call, status, code }));

const badInput = (name: string, call: Scenario["call"], says: RegExp): Scenario => {
  return { name, as: "operator", call, status: 400, code: "invalid-input", says };
};

const inputs: readonly Scenario[] = [
  badInput("an unknown region", { path: "/api/admin/instances", json: { region: "atlantis" } }, /region/),
  badInput("a region that is a list", { path: "/api/admin/instances", json: { region: ["westeurope"] } }, /region/),
  badInput("an unknown mode", { path: "/api/admin/instances", json: { deploymentMode: "HUGE" } }, /deploymentMode/),
  badInput("an unknown field", { path: "/api/admin/instances", json: { capacity: 5000 } }, /capacity/),
  badInput("an unknown status of instances", { path: "/api/admin/instances?status=gone" }, /status/),
  badInput("an unknown filter of instances", { path: "/api/admin/instances?pool=x" }, /pool/),
  badInput("an unknown status of tenants", { path: "/api/admin/tenants?status[]=active" }, /status/),
  badInput("a limit of nothing", { path: "/api/admin/tenants?limit=0" }, /limit/),
  badInput("a limit that is no number", { path: "/api/admin/tenants?limit=1e" }, /limit/),
  badInput("a limit that is too high", { path: "/api/admin/tenants?limit=100000" }, /limit/),
  badInput("one parameter twice", { path: "/api/admin/tenants?limit=1&limit=2" }, /limit/),
];

const unknown: readonly Scenario[] = [
  {
    name: "an instance that is not there",
    as: "operator",
    call: { path: "/api/admin/instances/..%2fstack" },
    status: 404,
    code: "not-found",
  },
  ...["drain", "undrain", "retire"].map((wish) => ({
    name: `${wish} of an instance that is not there`,
    as: "operator" as const,
    call: { method: "POST" as const, path: `/api/admin/instances/stack-nowhere-1/${wish}` },
    status: 404,
    code: "not-found",
  })),
  {
    name: "suspending a tenant that is not there",
    as: "operator",
    call: { method: "POST", path: "/api/admin/tenants/t0/suspend" },
    status: 404,
    code: "tenant-not-found",
  },
  {
    name: "resuming a tenant that is not there",
    as: "operator",
    call: { method: "POST", path: "/api/admin/tenants/t0/resume" },
    status: 404,
    code: "tenant-not-found",
  },
];

/** Routes of operators: who is refused, and what is wrong with their input. */
export const operatorScenarios: readonly Scenario[] = [
  ...refusedTo("nobody", 401, "unauthenticated"),
  ...refusedTo("acme", 403, "forbidden"),
  ...refusedTo("fresh", 403, "forbidden"),
  ...refusedTo("mallory", 403, "forbidden"),
  ...inputs,
  ...unknown,
];

const absent: readonly Omit<Scenario, "status">[] = [
  { name: "a tenant before there is one", as: "fresh", call: { path: "/api/tenant" }, code: "tenant-not-found" },
  {
    name: "a launch before there is a tenant",
    as: "fresh",
    call: { method: "POST", path: "/api/tenant/launch" },
    code: "tenant-not-found",
  },
  { name: "an operation that never was", as: "acme", call: { path: "/api/operations/x" }, code: "not-found" },
  {
    name: "a launch by somebody with a role in Acme only",
    as: "mallory",
    call: { method: "POST", path: "/api/tenant/launch" },
    code: "tenant-not-found",
  },
  {
    name: "Acme's context for Globex",
    as: "globex",
    call: { path: "/api/stack/context", headers: { "x-tenant-slug": "acme" } },
    code: "tenant-not-found",
  },
  {
    name: "Acme's context for somebody with a role in Acme only",
    as: "mallory",
    call: { path: "/api/stack/context", headers: { "x-tenant-slug": "acme" } },
    code: "tenant-not-found",
  },
  {
    name: "a context of a tenant that is not there",
    as: "acme",
    call: { path: "/api/stack/context", headers: { "x-tenant-slug": "nobodys" } },
    code: "tenant-not-found",
  },
  {
    name: "a context of something that is no slug",
    as: "acme",
    call: { path: "/api/stack/context", headers: { "x-tenant-slug": "../acme" } },
    code: "tenant-not-found",
  },
  { name: "a route that is not there", as: "acme", call: { path: "/api/nothing" }, code: "not-found" },
  {
    name: "Durable's own API",
    as: "operator",
    call: { path: "/runtime/webhooks/durabletask/instances" },
    code: "not-found",
  },
  // `/admin` leads to the dashboard, whatever follows it: tests/contracts/gateway-scenarios.ts.
];

/** What is not there, for people who are somebody: the answer is the same whether it never was or is another's. */
export const absenceScenarios: readonly Scenario[] = absent.map((scenario) => ({ ...scenario, status: 404 }));
