import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { expectProblem } from "./support/expect-problem.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { badLaunches, forgeLaunchToken } from "./support/launch-tokens.ts";
import { mintMember } from "./support/people.ts";
import { enter, exchange, exchangePath, launch, readOneself, sessionOf } from "./support/sessions.ts";
import type { Stage } from "./support/stage.ts";
import { openStage } from "./support/stage.ts";

let stage: Stage;
let gateway: string;
const tokenOf = (who: "acme" | "fresh" | "operator"): string => stage.tokens[who] ?? "";

const TenantView = z.looseObject({ id: z.string(), slug: z.string(), status: z.string() });

beforeAll(async () => {
  stage = await openStage();
  gateway = stage.platform.gateway;
  const made = await stage.ask("fresh", { path: "/api/tenant", json: { name: "Fresh", slug: "fresh" } });
  expect(made.status).toBe(201);
});
afterAll(() => stage.platform.stop());

describe("launch tokens", () => {
  test.each(badLaunches)("$name: 401 $code, and nothing is used up", async ({ code, forge }) => {
    const { token } = await launch(gateway, tokenOf("acme"));
    const forged = await forgeLaunchToken(stage.platform.dataDir, token, forge());
    const answer = await exchange(gateway, forged);
    expectProblem(answer, 401, code);
    expect(answer.text).not.toContain(forged);
    sessionOf(await exchange(gateway, token));
  });

  test("the forger's tools make a good token when nothing is wrong with it", async () => {
    const { token } = await launch(gateway, tokenOf("acme"));
    const unchanged = await forgeLaunchToken(stage.platform.dataDir, token, {});
    expect(sessionOf(await exchange(gateway, unchanged)).tenant.slug).toBe("acme");
  });

  test("a changed payload or signature: 401", async () => {
    const { token } = await launch(gateway, tokenOf("acme"));
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: "300000000000001102" })).toString("base64url");
    const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    for (const forged of [
      [header, changed, signature],
      [header, payload, flipped],
      [header, payload, ""],
    ]) {
      expectProblem(await exchange(gateway, forged.join(".")), 401, "launch-token-invalid");
    }
    sessionOf(await exchange(gateway, token));
  });

  test("a second use: 401, of 20 at once one wins", async () => {
    const { token } = await launch(gateway, tokenOf("acme"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(gateway, token)));
    const losers = answers.filter(({ status }) => status !== 200);
    expect(losers).toHaveLength(19);
    losers.forEach((answer) => expectProblem(answer, 401, "launch-token-replayed"));
  });

  test("a token for one purpose is worth nothing for the other", async () => {
    const { token } = await launch(gateway, tokenOf("acme"));
    expectProblem(await send(gateway, { path: "/api/tenant", token }), 401, "unauthenticated");
    expectProblem(await exchange(gateway, tokenOf("acme")), 401, "launch-token-invalid");
  });

  test.each([
    { name: "no token", json: {} },
    { name: "an empty token", json: { token: "" } },
    { name: "a token that is a list", json: { token: ["x"] } },
    { name: "a token of 5,000 characters", json: { token: "x".repeat(5_000) } },
    { name: "an unknown field", json: { token: "x", tenant: "acme" } },
  ])("$name: 400", async ({ json }) => {
    expectProblem(await send(gateway, { path: exchangePath, json }), 400, "invalid-input");
  });

  test("their public keys are published without the private halves", async () => {
    const answer = await send(gateway, { path: "/.well-known/jwks.json" });
    const { keys } = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).parse(jsonOf(answer));
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });

  test("in JSON and in the page, the token is in the body and never in an address", async () => {
    const headers = { accept: "text/html,application/xhtml+xml" };
    const page = await stage.ask("acme", { method: "POST", path: "/api/tenant/launch", headers });
    expect(page.headers).toMatchObject({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.text).toMatch(/<form[^>]+method="post"/i);
    expect(page.text).not.toMatch(/(?:href|src|action|url)="?[^">]*eyJ/i);
    const { redirectUrl, token } = await launch(gateway, tokenOf("acme"));
    expect(redirectUrl).toBe(`${gateway}${exchangePath}`);
    expect(redirectUrl).not.toContain(token.slice(0, 20));
  });
});

describe("a form post", () => {
  const post = (token: string, headers: Readonly<Record<string, string>>) =>
    send(gateway, {
      path: exchangePath,
      body: new URLSearchParams({ token }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
  const own = (): string => new URL(gateway).origin;

  test.each([
    { name: "another site", headers: () => ({ origin: "https://evil.example" }) },
    { name: "another site, as browsers say it", headers: () => ({ "sec-fetch-site": "cross-site", origin: "null" }) },
    { name: "another site that claims our origin", headers: () => ({ "sec-fetch-site": "cross-site", origin: own() }) },
    { name: "a sibling site", headers: () => ({ "sec-fetch-site": "same-site", origin: "http://localhost:1" }) },
    { name: "an origin that hides", headers: () => ({ origin: "null" }) },
    { name: "our name on another port", headers: () => ({ origin: "http://localhost:1" }) },
  ])("from $name: 403, and the token is not used up", async ({ headers }) => {
    const { token } = await launch(gateway, tokenOf("acme"));
    expectProblem(await post(token, headers()), 403, "launch-origin-refused");
    expect((await post(token, { origin: own() })).status).toBe(303);
  });

  test.each([
    { name: "our own page", headers: () => ({ origin: own(), "sec-fetch-site": "same-origin" }) },
    {
      name: "the launch page, which has no referrer",
      headers: () => ({ origin: "null", "sec-fetch-site": "same-origin" }),
    },
    { name: "an old browser", headers: () => ({ origin: own() }) },
  ])("from $name: 303 into the Stack with a session cookie", async ({ headers }) => {
    const { token } = await launch(gateway, tokenOf("acme"));
    const answer = await post(token, headers());
    expect({ status: answer.status, body: answer.text }).toEqual({ status: 303, body: "" });
    const [instance] = stage.platform.instances;
    expect(answer.headers.location).toBe(`${String(instance?.publicEndpoint)}/`);
    expect(answer.headers).toMatchObject({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    const [cookie = "", ...more] = answer.headers["set-cookie"] ?? [];
    expect(more).toEqual([]);
    const [pair = "", ...attributes] = cookie.split("; ");
    expect(attributes).toEqual([`Path=/stacks/${String(instance?.id)}/`, "Max-Age=28800", "SameSite=Strict"]);
    const value = decodeURIComponent(pair.replace(/^pb_auth=/, ""));
    const session = z.object({ token: z.string(), record: z.looseObject({ id: z.string() }) }).parse(JSON.parse(value));
    expect(session.token).not.toBe(token);
    expect(answer.headers.location).not.toContain("eyJ");
  });

  test.each([
    { name: "a used token", code: "launch-token-replayed", status: 401, fields: (token: string) => `token=${token}` },
    { name: "no token", code: "invalid-input", status: 400, fields: () => "" },
    { name: "another field", code: "invalid-input", status: 400, fields: (token: string) => `token=${token}&next=//x` },
  ])("with $name: $status", async ({ code, status, fields }) => {
    const { token } = await launch(gateway, tokenOf("acme"));
    if (code === "launch-token-replayed") sessionOf(await exchange(gateway, token));
    const headers = { "content-type": "application/x-www-form-urlencoded", origin: own() };
    const answer = await send(gateway, { path: exchangePath, body: fields(token), headers });
    expectProblem(answer, status, code);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });
});

describe("a suspended tenant", () => {
  const change = async (to: "suspend" | "resume"): Promise<void> => {
    const { id } = TenantView.parse(jsonOf(await stage.ask("fresh", { path: "/api/tenant" })));
    const answer = await stage.ask("operator", { method: "POST", path: `/api/admin/tenants/${id}/${to}` });
    expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 200 });
  };

  test("is refused everywhere, its sessions end, and it can be resumed", async () => {
    const session = await enter(gateway, tokenOf("fresh"));
    expect(await readOneself(session)).toBe(200);
    const { token: mintedBefore } = await launch(gateway, tokenOf("fresh"));

    await change("suspend");
    const launched = await stage.ask("fresh", { method: "POST", path: "/api/tenant/launch" });
    expectProblem(launched, 403, "tenant-suspended");
    expectProblem(await exchange(gateway, mintedBefore), 403, "tenant-suspended");
    const context = { path: "/api/stack/context", headers: { "x-tenant-slug": "fresh" } };
    expectProblem(await stage.ask("fresh", context), 403, "tenant-suspended");
    expect(await readOneself(session)).not.toBe(200);
    const shown = TenantView.parse(jsonOf(await stage.ask("fresh", { path: "/api/tenant" })));
    expect(shown.status).toBe("suspended");
    await change("suspend");

    await change("resume");
    expect((await stage.ask("fresh", context)).status).toBe(200);
    expect(await readOneself(session)).not.toBe(200);
    expect(await readOneself(await enter(gateway, tokenOf("fresh")))).toBe(200);
    await change("resume");
  });

  test("does not touch its neighbours", async () => {
    const session = await enter(gateway, tokenOf("acme"));
    await change("suspend");
    expect(await readOneself(session)).toBe(200);
    await change("resume");
  });
});

test("a member more than the plan allows: 403 user-limit-reached, and those who are in stay in", async () => {
  const { identityProvider } = stage.platform;
  const enough = await Promise.all(Array.from({ length: 5 }, () => mintMember(identityProvider, "org-fresh", [])));
  const answers = [];
  for (const token of enough) answers.push(await exchange(gateway, (await launch(gateway, token)).token));
  const refused = answers.filter(({ status }) => status !== 200);
  // One place was taken by whoever entered first.
  expect(refused).toHaveLength(1);
  refused.forEach((answer) => expectProblem(answer, 403, "user-limit-reached"));
  expect(await readOneself(await enter(gateway, tokenOf("fresh")))).toBe(200);
});
