import { identity, tokens } from "./gateway-identity-scenarios.ts";
import { forged, user, type Scenario } from "./gateway-scenario.ts";
import { functionsKey, simHostKey } from "./gateway-stage.ts";

const paths: readonly Scenario[] = [
  { title: "does not serve a longer path", path: "/api/tenantsXYZ", token: user, status: 404, code: "not-found" },
  { title: "does not serve a path below a leaf", path: "/api/tenant/", token: user, status: 404, code: "not-found" },
  { title: "is case-sensitive", path: "/API/ADMIN/tenants", status: 404, code: "not-found" },
  { title: "does not serve other methods", method: "PUT", path: "/api/tenant", token: user, status: 404 },
  { title: "does not open internal routes", path: "/api/internal/users/1", token: user, status: 404 },
  {
    title: "leads away from the host's own routes, which the function key would open",
    path: "/admin/host/status",
    status: 200,
    upstream: { service: "functions", url: "/dashboard/host/status" },
  },
  {
    title: "leads away from them however the path is written",
    path: "//admin/../admin/%68ost/keys",
    status: 200,
    upstream: { service: "functions", url: "/dashboard/host/keys" },
  },
  { title: "does not open the runtime's webhooks", path: "/runtime/webhooks/durabletask/instances", status: 404 },
  {
    title: "resolves dot segments before it decides",
    path: "/health/../api/tenant",
    status: 401,
    code: "unauthenticated",
  },
  { title: "resolves encoded dot segments", path: "/console/%2e%2e/api/admin/x", status: 401, code: "unauthenticated" },
  { title: "merges slashes before it decides", path: "//api//tenant", status: 401, code: "unauthenticated" },
  { title: "decodes letters before it decides", path: "/api/%74enant", status: 401, code: "unauthenticated" },
  { title: "keeps an encoded slash, and so refuses it", path: "/api/tenant%2f..%2fadmin", token: user, status: 404 },
  {
    title: "forwards what it matched, not what was sent",
    path: "/api/./operations//x/../%37",
    token: user,
    status: 200,
    upstream: { service: "functions", url: "/api/operations/7" },
  },
  {
    title: "forwards an encoded slash as it is",
    path: "/api/operations/a%2fb",
    token: user,
    status: 200,
    upstream: { service: "functions", url: "/api/operations/a%2Fb" },
  },
];

const bodies: readonly Scenario[] = [
  {
    title: "passes a body on",
    method: "POST",
    path: "/api/tenant",
    token: user,
    body: '{"name":"Acme"}',
    status: 200,
    upstream: { service: "functions", url: "/api/tenant" },
  },
  {
    title: "refuses a body over the limit",
    method: "POST",
    path: "/api/tenant",
    token: user,
    body: "x".repeat(1024 * 1024 + 1),
    status: 413,
    code: "too-large",
  },
  {
    title: "passes a body of exactly the limit",
    method: "POST",
    path: "/api/tenant",
    token: user,
    body: "x".repeat(1024 * 1024),
    status: 200,
    upstream: { service: "functions", url: "/api/tenant" },
  },
  {
    title: "refuses a chunked body over the limit",
    method: "POST",
    path: "/api/internal/sso/exchange",
    body: "x".repeat(64 * 1024 + 1),
    isChunked: true,
    status: 413,
    code: "too-large",
  },
  {
    title: "passes a chunked body",
    method: "POST",
    path: "/api/internal/sso/exchange",
    body: "token=a.b.c",
    isChunked: true,
    status: 200,
    upstream: { service: "functions", url: "/api/internal/sso/exchange" },
  },
];

const origins: readonly Scenario[] = [
  {
    title: "answers a preflight of a known origin",
    method: "OPTIONS",
    path: "/api/tenant",
    headers: [
      ["Origin", "http://localhost:8000"],
      ["Access-Control-Request-Method", "POST"],
    ],
    status: 200,
    responseHeaders: {
      "access-control-allow-origin": "http://localhost:8000",
      "access-control-allow-credentials": undefined,
    },
  },
  {
    title: "allows nothing to an unknown origin",
    method: "OPTIONS",
    path: "/api/tenant",
    headers: [
      ["Origin", "https://evil.example"],
      ["Access-Control-Request-Method", "POST"],
    ],
    status: 200,
    responseHeaders: { "access-control-allow-origin": undefined },
  },
  { title: "does not let a bare OPTIONS pass", method: "OPTIONS", path: "/api/tenant", status: 401 },
  {
    title: "hides what it and the upstream are made of",
    path: "/health",
    status: 200,
    responseHeaders: { server: undefined, via: undefined, "x-powered-by": undefined },
    upstream: { service: "functions", url: "/health" },
  },
];

const stackHeaders = { "x-functions-key": undefined, "x-kombify-gateway-key": undefined, "x-user-id": undefined };
const refusedStackPaths = [
  ["GET", "/_/"],
  ["GET", "/api/collections"],
  ["GET", "/api/settings"],
  ["POST", "/api/sql"],
  ["GET", "/api/backups"],
  ["GET", "/api/logs"],
  ["POST", "/api/batch"],
  ["POST", "/api/kombify/sessions"],
  ["POST", "/api/collections/users_acme/impersonate/1"],
  ["POST", "/api/collections/_superusers/auth-with-password"],
  ["GET", "/api/collections/%5Fsuperusers/records"],
  ["GET", "/api/collections/pbc_3142635823/records"],
  ["GET", "/assets/../_/"],
  ["GET", "/api/files/..%2f..%2fx/y/z"],
] as const;

const stacks: readonly Scenario[] = [
  {
    title: "reaches a Stack by its name, without the prefix and without our secrets",
    path: "/stacks/acme/api/collections/nodes_acme/records?filter=1&code=kept",
    headers: [["Authorization", "pocketbase-token"], ...forged("evil")],
    status: 200,
    upstream: {
      service: "stack",
      url: "/api/collections/nodes_acme/records?filter=1&code=kept",
      headers: { ...stackHeaders, authorization: "pocketbase-token" },
    },
  },
  {
    title: "serves a Stack's page",
    path: "/stacks/acme/",
    status: 200,
    responseHeaders: { "x-frame-options": "DENY", "cache-control": "no-cache" },
    upstream: { service: "stack", url: "/", headers: stackHeaders },
  },
  {
    title: "adds the slash a Stack's page needs",
    path: "/stacks/acme",
    status: 308,
    responseHeaders: { location: "/stacks/acme/" },
  },
  { title: "leaves a Stack by dot segments for what that path is", path: "/stacks/acme/../../api/tenant", status: 401 },
  { title: "has no instance names with dots", path: "/stacks/169.254.169.254/", status: 404, code: "not-found" },
  { title: "has no instance names with ports", path: "/stacks/acme:22/", status: 404, code: "not-found" },
  { title: "has no instance names in upper case", path: "/stacks/ACME/", status: 404, code: "not-found" },
  ...refusedStackPaths.map(([method, path]) => ({
    title: `keeps ${method} ${path} of a Stack unreachable`,
    method,
    path: `/stacks/acme${path}`,
    headers: [["Authorization", "pocketbase-superuser-token"]] as const,
    status: 404,
    code: "not-found",
  })),
];

const simulations: readonly Scenario[] = [
  { title: "keeps simulations from strangers", path: "/v1/simulations", status: 401, code: "unauthenticated" },
  {
    title: "proves itself to sim-host with a key of its own, and says who is calling",
    method: "POST",
    path: "/v1/simulations?dryRun=true",
    token: { claims: { "urn:zitadel:iam:user:resourceowner:id": "org-1" } },
    headers: forged("evil"),
    body: "{}",
    status: 200,
    upstream: {
      service: "simHost",
      url: "/v1/simulations?dryRun=true",
      headers: {
        "x-kombify-gateway-key": simHostKey,
        "x-functions-key": undefined,
        "x-user-id": "user-1",
        "x-org-id": "org-1",
      },
    },
  },
  {
    title: "forwards the token to sim-host, which verifies it again",
    method: "DELETE",
    path: "/v1/simulations/s1",
    token: user,
    status: 200,
    upstream: { service: "simHost", url: "/v1/simulations/s1", headers: { "x-user-id": "user-1" } },
  },
  {
    title: "leaves an id as it was written to sim-host",
    path: "/v1/simulations/..%2f..%2fmetrics",
    token: user,
    status: 200,
    upstream: { service: "simHost", url: "/v1/simulations/..%2F..%2Fmetrics" },
  },
  { title: "does not lead out of the simulations", path: "/v1/simulations/../../metrics", token: user, status: 404 },
  {
    title: "refuses a chunked topology over the limit",
    method: "POST",
    path: "/v1/simulations",
    token: user,
    body: "x".repeat(1024 * 1024 + 1),
    isChunked: true,
    status: 413,
    code: "too-large",
  },
  {
    title: "shows the schema of a topology to anybody",
    path: "/schemas/simulation/v1.json",
    headers: forged("evil"),
    status: 200,
    upstream: {
      service: "simHost",
      url: "/schemas/simulation/v1.json",
      headers: { "x-kombify-gateway-key": simHostKey, "x-functions-key": undefined, "x-user-id": undefined },
    },
  },
  {
    title: "serves the page of simulations from the functions",
    path: "/simulations/s1",
    headers: forged("evil"),
    status: 200,
    upstream: {
      service: "functions",
      url: "/simulations/s1",
      headers: { "x-functions-key": functionsKey, "x-kombify-gateway-key": undefined },
    },
  },
];

/** Everything a gateway of ours must do, local or real. */
export const scenarios: readonly Scenario[] = [
  ...tokens,
  ...identity,
  ...paths,
  ...bodies,
  ...origins,
  ...stacks,
  ...simulations,
];
