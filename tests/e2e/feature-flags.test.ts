import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { bucketsCount, flagBucket } from "../../shared/flags/flag-bucket.ts";
import { tenantIdOf } from "../../shared/tenants/tenant.ts";
import type { Traffic } from "./browser-page.ts";
import { accessibilityFindings, fitsWidth, hasBrowser, launchBrowser, recordTraffic } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import type { Answer } from "./support/http-call.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintMember, mintOperator, mintToken } from "./support/people.ts";
import { eventually, managedInstances } from "./support/processes.ts";
import type { Session } from "./support/sessions.ts";
import { enter } from "./support/sessions.ts";

const operator = { email: "olivia@kombify.example", password: "kombify-olivia-dev" };
const newOrg = "flags-of-another-organisation";
const Fleet = z.object({ instances: z.array(z.object({ id: z.string(), status: z.string() })) });
const Rows = z.object({ items: z.array(z.looseObject({ id: z.string(), key: z.string(), value: z.unknown() })) });
const Rollout = z.object({
  revision: z.number(),
  instances: z.array(z.object({ instanceId: z.string(), state: z.string(), revision: z.number() })),
});
const SetOfFlags = z.object({ revision: z.number(), flags: z.array(z.looseObject({ key: z.string() })) });

let platform: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let traffic: Traffic;
let token: string;
/** Two tenants on the first instance, one on the second. */
let people: readonly Session[] = [];
/** A flag whose quarter holds some of the tenants and not all of them. */
let key = "";

const ask = async (path: string, more: Partial<Parameters<typeof send>[1]> = {}): Promise<Answer> =>
  send(platform.gateway, { path, token, ...more });

const onStack = ({ token: session, tenant }: Session, path: string, json?: unknown): Promise<Answer> => {
  const { pathname } = new URL(tenant.instance.publicEndpoint);
  return send(platform.gateway, {
    path: `${pathname}/api/collections/${path}`,
    headers: { authorization: session },
    ...(json === undefined ? {} : { json }),
  });
};

const flagsOf = async (session: Session): Promise<Readonly<Record<string, unknown>>> => {
  const { items } = Rows.parse(jsonOf(await onStack(session, `flags_${session.tenant.namespace}/records`)));
  return Object.fromEntries(items.map(({ key: name, value }) => [name, value]));
};

const tenantId = ({ tenant }: Session): string => String(tenant["id"]);
const isInQuarter = (session: Session, flag = key): boolean =>
  flagBucket(flag, tenantId(session)) < bucketsCount * 0.25;

const rollout = async () => Rollout.parse(jsonOf(await ask("/api/admin/flag-rollout")));

const everyInstanceIs = (state: string) =>
  eventually(`every instance to be ${state}`, 60_000, async () => {
    const { revision, instances } = await rollout();
    return instances.every((one) => one.state === state && one.revision === revision) ? instances.length : undefined;
  });

const signIn = async (on: Page): Promise<void> => {
  await on.goto(`${platform.gateway}/admin`);
  await on.getByRole("link", { name: "Sign in" }).click();
  await on.getByLabel("Email").fill(operator.email);
  await on.getByLabel("Password").fill(operator.password);
  await on.keyboard.press("Enter");
  await on.getByRole("button", { name: "Sign out" }).waitFor();
};

/** A second instance with a tenant of its own: the first one takes none meanwhile. */
const settleOnSecondInstance = async (): Promise<Session> => {
  const [first] = platform.instances;
  await ask("/api/admin/instances", { method: "POST", json: {} });
  await eventually("a second instance", 90_000, async () => {
    const { instances } = Fleet.parse(jsonOf(await ask("/api/admin/instances")));
    return instances.filter(({ status }) => status === "active").length > 1 ? true : undefined;
  });
  await ask(`/api/admin/instances/${first?.id ?? ""}/drain`, { method: "POST" });
  const member = await mintMember(platform.identityProvider, newOrg);
  await send(platform.gateway, {
    ...{ path: "/api/tenant", token: member, json: { slug: "flagged", name: "Flagged" } },
  });
  const session = await eventually("the third tenant", 60_000, async () => {
    const answer = await send(platform.gateway, { method: "POST", path: "/api/tenant/launch", token: member });
    return answer.status === 200 ? enter(platform.gateway, member) : undefined;
  });
  await ask(`/api/admin/instances/${first?.id ?? ""}/undrain`, { method: "POST" });
  return session;
};

const seen = (instanceId: string, word: string) =>
  eventually(`${instanceId} to be seen as ${word}`, 60_000, async () => {
    await page.goto(`${platform.gateway}/admin/flags`);
    const row = page.locator(`#rollout-${instanceId}`);
    return (await row.getByText(word, { exact: true }).count()) === 1 ? true : undefined;
  });

// Told in order: each step begins where the one before has ended.
describe.skipIf(!hasBrowser)("a feature flag, from a quarter of the tenants to none, in a real browser", () => {
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startPlatform(), launchBrowser()]);
    token = await mintOperator(platform.identityProvider);
    const enterAs = async (email: string) =>
      enter(platform.gateway, await mintToken(platform.identityProvider, { email }));
    people = [await enterAs("ada@acme.example"), await enterAs("gina@globex.example"), await settleOnSecondInstance()];
    const names = Array.from({ length: 500 }, (_, index) => `new-launcher-${index}`);
    key = names.find((name) => people.map((one) => isInQuarter(one, name)).join() === "true,false,true") ?? "";
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(15_000);
    traffic = recordTraffic(context);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  it("is created, and off for everybody on every instance", async () => {
    await signIn(page);
    await page.getByRole("link", { name: "Flags" }).click();
    await page.getByRole("heading", { name: "0 flags" }).waitFor();
    await page.getByLabel("Key").fill(key);
    await page.getByLabel("Description").fill("The launcher with tabs");
    await page.getByRole("button", { name: "Create the flag" }).click();
    await page.locator("#flash", { hasText: "The flag is created." }).waitFor();
    expect(await everyInstanceIs("current")).toBe(2);
    for (const person of people) expect(await flagsOf(person)).toEqual({ [key]: false });
  });

  it("is rolled to 25 %: the same tenants as everywhere have it, and see it live", async () => {
    await page.goto(`${platform.gateway}/admin/flags`);
    await page.getByLabel(`Percent of tenants for ${key}`).fill("25");
    await page.getByRole("button", { name: "Roll to %" }).click();
    await page.getByText("25 % get on, others off").waitFor();
    await everyInstanceIs("current");
    for (const person of people) expect(await flagsOf(person)).toEqual({ [key]: isInQuarter(person) });
    for (const { instanceId } of (await rollout()).instances) await seen(instanceId, "Up to date");
    await page.getByRole("link", { name: key, exact: true }).click();
    await page.getByLabel("Tenant's id").fill(tenantIdOf(newOrg));
    await page.getByRole("button", { name: "Evaluate" }).click();
    await page.locator("#evaluation", { hasText: "on = true (SPLIT)" }).waitFor();
  });

  it("is read by its tenant alone, and written by nobody there", async () => {
    const [ada, gina] = people;
    if (ada === undefined || gina === undefined) throw new Error("Nobody has entered.");
    const body = { key: "own", value: true };
    expect((await onStack(ada, `flags_${ada.tenant.namespace}/records`, body)).status).toBe(403);
    const foreign = await onStack(ada, `flags_${gina.tenant.namespace}/records`);
    expect(foreign.text).not.toContain(key);
    const rows = Rows.parse(jsonOf(await onStack(gina, `flags_${gina.tenant.namespace}/records`)));
    const one = await onStack(ada, `flags_${gina.tenant.namespace}/records/${rows.items[0]?.id ?? ""}`);
    expect([403, 404]).toContain(one.status);
  });

  it("is killed while an instance is down: the others have it at once, and that one as soon as it is back", async () => {
    const { instances } = await rollout();
    const [up = "", away = ""] = instances.map(({ instanceId }) => instanceId);
    const managed = await managedInstances(platform.resourceManager);
    const pid = managed.find(({ name }) => name === away)?.pid ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, "SIGSTOP");
    try {
      await page.goto(`${platform.gateway}/admin/flags`);
      await page.getByRole("link", { name: `Kill… ${key}` }).click();
      await page.getByRole("heading", { name: `Kill ${key}?` }).waitFor();
      await page.getByRole("button", { name: "Kill it" }).click();
      await page.getByText("Everybody gets off").waitFor();
      await seen(up, "Up to date");
      for (const person of people.slice(0, 2)) expect(await flagsOf(person)).toEqual({ [key]: false });
      await seen(away, "Not reached");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await seen(away, "Up to date");
    for (const person of people) expect(await flagsOf(person)).toEqual({ [key]: false });
  });

  it("is told by the API with its history, and an older revision is refused to services", async () => {
    const { revision, flags } = SetOfFlags.parse(jsonOf(await ask("/api/admin/flags")));
    expect({ revision, flags }).toMatchObject({ revision: 3, flags: [{ key, killed: true, revision: 3 }] });
    const history = jsonOf(await ask(`/api/admin/flags/${key}/history`));
    expect(history).toMatchObject({
      changes: [{ action: "kill", by: operator.email }, { action: "update" }, { action: "create" }],
    });
    await ask("/api/admin/service-keys", { method: "POST" });
    const serviceKey = (await readFile(join(platform.dataDir, "secrets", "service-key-a"), "utf8")).trim();
    const apply = (newer: number) =>
      send(platform.functions, {
        path: "/api/internal/feature-flags/apply",
        headers: { authorization: `Bearer ${serviceKey}` },
        json: { revision: newer, flags: [] },
      });
    const older = await apply(revision - 1);
    expect(older.status, older.text).toBe(409);
    expect(jsonOf(older)).toMatchObject({ code: "flags-revision-older", revision });
    expect((await apply(revision + 7)).status).toBe(200);
    await everyInstanceIs("current");
    for (const person of people) expect(await flagsOf(person)).toEqual({});
  });

  it("can be handled by everybody: without JavaScript, light, dark, wide and narrow", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const reader = await plain.newPage();
    await signIn(reader);
    await reader.goto(`${platform.gateway}/admin/flags`);
    await reader.getByLabel("Key").fill("plain-flag");
    await reader.getByRole("button", { name: "Create the flag" }).click();
    await reader.getByLabel("Percent of tenants for plain-flag").fill("12.5");
    await reader.getByRole("button", { name: "Roll to %" }).click();
    await reader.getByText("12.5 % get on, others off").waitFor();
    await reader.getByLabel("Key").fill("plain-flag");
    await reader.getByRole("button", { name: "Create the flag" }).click();
    await reader.getByRole("alert").filter({ hasText: "is or was another flag's" }).waitFor();
    await plain.close();
    for (const address of ["/admin/flags", "/admin/flags/plain-flag", "/admin/flags/plain-flag/confirm/kill"]) {
      await page.goto(`${platform.gateway}${address}`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        for (const width of [1400, 320]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await accessibilityFindings(page), `${address}, ${colorScheme}, ${width} pixels`).toEqual([]);
          expect(await fitsWidth(page), `${address}, ${width} pixels`).toBe(true);
        }
      }
    }
    expect(traffic.complaints).toEqual([]);
  });
});
