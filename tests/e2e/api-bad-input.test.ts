import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { badTokens } from "./support/bad-tokens.ts";
import { expectProblem } from "./support/expect-problem.ts";
import type { Call } from "./support/http-call.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { claimsOf, mintMember, mintToken } from "./support/people.ts";
import { absenceScenarios, operatorScenarios } from "./support/operator-scenarios.ts";
import type { Stage } from "./support/stage.ts";
import { openStage } from "./support/stage.ts";
import { tenantInputScenarios } from "./support/tenant-input-scenarios.ts";

const TenantPage = z.object({
  tenants: z.array(z.object({ id: z.string(), slug: z.string(), status: z.string(), operation: z.string() })),
});

let stage: Stage;
/** What operators see of tenants and instances: refusals must leave it as it was. */
let before: string;

/** What requests could have changed; an instance's health changes by itself. */
const fleet = async (): Promise<string> => {
  const answers = [
    await stage.ask("operator", { path: "/api/admin/tenants?limit=200" }),
    await stage.ask("operator", { path: "/api/admin/instances" }),
  ];
  return answers.map(({ status, text }) => `${status} ${text.replaceAll(/"health":"\w+"/g, "")}`).join("\n");
};

beforeAll(async () => {
  stage = await openStage();
  before = await fleet();
});
afterAll(() => stage.platform.stop());

const operationOf = async (slug: string): Promise<string> => {
  const { tenants } = TenantPage.parse(jsonOf(await stage.ask("operator", { path: "/api/admin/tenants" })));
  const found = tenants.find((tenant) => tenant.slug === slug);
  if (found === undefined) throw new Error(`There is no tenant ${slug}.`);
  return found.operation;
};

describe.each([
  { about: "a request for a tenant", scenarios: tenantInputScenarios },
  { about: "operators' routes", scenarios: operatorScenarios },
  { about: "what is not there", scenarios: absenceScenarios },
])("$about is refused in words", ({ scenarios }) => {
  test.each(scenarios)("$name: $status $code", async (scenario) => {
    const problem = expectProblem(await stage.play(scenario), scenario.status, scenario.code);
    if (scenario.says !== undefined) expect(problem.detail).toMatch(scenario.says);
  });
});

describe("access tokens", () => {
  test.each(badTokens)("$name: 401", async ({ make }) => {
    const { identityProvider, gateway } = stage.platform;
    const token = await make({ identityProvider, good: stage.tokens.acme ?? "" });
    for (const path of ["/api/tenant", "/api/admin/tenants"]) {
      const answer = await send(gateway, { path, token });
      expectProblem(answer, 401, "unauthenticated");
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
      expect(answer.text).not.toContain(token.slice(0, 40));
    }
  });

  test.each(["", "Bearer", "Bearer ", "Basic b2xpdmlhOng=", "Token abc"])("Authorization %j: 401", async (value) => {
    const answer = await send(stage.platform.gateway, { path: "/api/tenant", headers: { authorization: value } });
    expectProblem(answer, 401, "unauthenticated");
  });

  test("a token that names no organisation: 403", async () => {
    const claims = { "urn:zitadel:iam:user:resourceowner:id": null };
    const token = await mintToken(stage.platform.identityProvider, { email: "ben@acme.example", claims });
    const answer = await send(stage.platform.gateway, { path: "/api/tenant", token });
    expectProblem(answer, 403, "organisation-missing");
  });

  test("the operators' organisation without its role admin, or with another's: 403", async () => {
    const { identityProvider, gateway } = stage.platform;
    const operators = "300000000000000001";
    for (const adminOf of [[], ["300000000000000101"]]) {
      const token = await mintMember(identityProvider, operators, adminOf);
      expectProblem(await send(gateway, { path: "/api/admin/tenants", token }), 403, "forbidden");
    }
    const token = await mintMember(identityProvider, "org-other", [operators, "org-other"]);
    expectProblem(await send(gateway, { path: "/api/admin/tenants", token }), 403, "forbidden");
  });

  test("a role map with roles from the prototype is worth nothing", async () => {
    const { identityProvider, gateway } = stage.platform;
    const roles = JSON.parse('{"__proto__":{"admin":{"300000000000000001":"x"}},"constructor":{}}') as unknown;
    const claims = { ...claimsOf("300000000000000001", []), "urn:zitadel:iam:org:project:roles": roles };
    const token = await mintToken(identityProvider, { email: "ben@acme.example", claims });
    expectProblem(await send(gateway, { path: "/api/admin/tenants", token }), 403, "forbidden");
  });
});

describe("identity headers", () => {
  const forged = {
    "X-User-ID": "300000000000001001",
    "X-User-Email": "olivia@kombify.example",
    "X-Org-ID": "300000000000000001",
    "X-Subscription-Plan": "enterprise",
    "X-MS-CLIENT-PRINCIPAL-ID": "1",
  };
  const slugOfGet = z.object({ slug: z.string(), plan: z.string() });

  test("from outside they count for nothing", async () => {
    expectProblem(await stage.ask("acme", { path: "/api/admin/tenants", headers: forged }), 403, "forbidden");
    expectProblem(await stage.ask("nobody", { path: "/api/tenant", headers: forged }), 401, "unauthenticated");
    const own = await stage.ask("acme", { path: "/api/tenant", headers: forged });
    expect(slugOfGet.parse(jsonOf(own))).toEqual({ slug: "acme", plan: "free" });
  });

  test.each([{ "X-Org-ID": "300000000000000201" }, { "X-User-ID": "1" }, { "X-User-Email": "x@acme.example" }])(
    "behind the gateway %j must agree with the token",
    async (header) => {
      const { functions, keys } = stage.platform;
      const headers = { "x-functions-key": keys.gateway, ...header };
      const answer = await send(functions, { path: "/api/tenant", token: stage.tokens.acme, headers });
      expectProblem(answer, 401, "unauthenticated");
    },
  );

  test("without the gateway's key the functions answer nobody, whatever the address says", async () => {
    const { functions } = stage.platform;
    const calls: readonly Call[] = [
      { path: "/api/tenant" },
      { path: "/api/tenant?code=guess" },
      { path: "/api/tenant", headers: { "x-functions-key": "guess" } },
      { path: "/API/Tenant" },
      { path: "/api/admin/tenants" },
      { path: "/api/internal/sso/exchange", json: { token: "x" } },
    ];
    for (const call of calls) {
      const answer = await send(functions, { token: stage.tokens.operator, ...call });
      expect({ path: call.path, status: answer.status }).toEqual({ path: call.path, status: 401 });
    }
  });
});

describe("what belongs to somebody else", () => {
  test("an operation is as unknown to others as one that never was", async () => {
    const foreign = await operationOf("acme");
    for (const [method, suffix] of [
      ["GET", ""],
      ["POST", "/cancel"],
      ["POST", "/retry"],
    ] as const) {
      const bodies = [];
      for (const path of [foreign, "/api/operations/00000000-0000-4000-8000-000000000000"]) {
        const answer = await stage.ask("globex", { method, path: `${path}${suffix}` });
        const { type, title, status, code, detail } = expectProblem(answer, 404, "not-found");
        bodies.push({ type, title, status, code, detail });
      }
      expect(bodies[0]).toEqual(bodies[1]);
    }
    expect((await stage.ask("acme", { path: foreign })).status).toBe(200);
  });

  test("work that is over can be neither cancelled nor retried", async () => {
    const own = await operationOf("acme");
    const cancelled = await stage.ask("acme", { method: "POST", path: `${own}/cancel` });
    expectProblem(cancelled, 409, "operation-not-cancellable");
    const retried = await stage.ask("acme", { method: "POST", path: `${own}/retry` });
    expectProblem(retried, 409, "operation-not-retryable");
  });

  test("a taken slug, a second tenant and a used Idempotency-Key are conflicts", async () => {
    const taken = await stage.ask("fresh", { path: "/api/tenant", json: { name: "Fresh", slug: "acme" } });
    expectProblem(taken, 409, "slug-taken");
    const second = await stage.ask("acme", { path: "/api/tenant", json: { name: "Acme", slug: "acme-two" } });
    expectProblem(second, 409, "organisation-has-tenant");
    const headers = { "idempotency-key": "local-journey-acme" };
    const reused = await stage.ask("acme", { path: "/api/tenant", json: { name: "Acme", slug: "acme-two" }, headers });
    expectProblem(reused, 409, "idempotency-key-reused");
  });

  test("the same request with the same Idempotency-Key is answered with what it made", async () => {
    const headers = { "idempotency-key": "local-journey-acme" };
    const again = await stage.ask("acme", { path: "/api/tenant", json: { name: "Acme", slug: "acme" }, headers });
    expect(again.status).toBe(201);
    expect(jsonOf(again)).toMatchObject({ slug: "acme", status: "active" });
  });
});

test("after all refusals tenants and instances are as they were, and the slug that was refused is free", async () => {
  expect(await fleet()).toBe(before);
  const json = { name: "Fresh", slug: "fresh" };
  const accepted = await stage.ask("fresh", { path: "/api/tenant", json });
  expect({ status: accepted.status, body: jsonOf(accepted) }).toMatchObject({ status: 201, body: { slug: "fresh" } });
});
