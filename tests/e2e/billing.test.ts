import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJwt } from "jose";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { consoleClientId } from "../../local/identity-provider/seed.ts";
import { signIn as signInOverHttp } from "../../local/journey/sign-in.ts";
import { accessibilityFindings, hasBrowser, launchBrowser, signIn } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintOperator, mintToken } from "./support/people.ts";

let platform: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;

const acme = () => {
  const found = platform.accounts.find(({ organisation, roles }) => organisation === "Acme" && roles.includes("admin"));
  if (found === undefined) throw new Error("Acme has no administrator.");
  return found;
};

const Tenant = z.object({ plan: z.string(), limits: z.object({ maxNodes: z.number() }) });
const readTenant = async () => {
  const token = await mintToken(platform.identityProvider, { email: acme().email });
  return Tenant.parse(jsonOf(await send(platform.gateway, { path: "/api/tenant", token })));
};

const moveClock = async (advanceDays: number): Promise<void> => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${platform.stripe}/dev/clock`, {
    ...{ method: "POST", headers, body: JSON.stringify({ advanceDays }) },
  });
  expect(answer.status).toBe(200);
};

/** The page as somebody finds it who opens it later; the platform may need a moment to hear of the vendor. */
const expectOnPage = async (text: string): Promise<void> => {
  await expect
    .poll(
      async () => {
        await page.reload();
        await page.getByRole("heading", { level: 2, name: "Billing" }).waitFor();
        return page.getByRole("region", { name: "Billing" }).textContent();
      },
      { timeout: 20_000, interval: 500 },
    )
    .toContain(text);
};

const expectAccessible = async (): Promise<void> => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await accessibilityFindings(page), colorScheme).toEqual([]);
  }
};

// One story, told in order: each step begins where the one before has ended.
describe.skipIf(!hasBrowser)("Acme pays, and stops paying, in a real browser", () => {
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startPlatform(), launchBrowser()]);
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  it("buys the pro plan by clicking through the checkout, and sees it without a reload", async () => {
    expect(await readTenant()).toMatchObject({ plan: "free", limits: { maxNodes: 3 } });
    await signIn(page, platform.gateway, acme());
    await page.getByText("No subscription").waitFor();
    await expectAccessible();
    await page.getByRole("button", { name: "Upgrade to pro" }).click();
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByText("pro plan renews").waitFor();
    expect(page.url()).toBe(`${platform.gateway}/`);
    expect(await readTenant()).toMatchObject({ plan: "pro", limits: { maxNodes: 25 } });
    await expectAccessible();
  });

  it("says so at once in new tokens and to other services (C1)", async () => {
    const { email, orgId } = acme();
    const token = await signInOverHttp(
      {
        issuer: platform.identityProvider,
        clientId: consoleClientId,
        redirectUri: `${platform.gateway}/callback`,
      },
      acme(),
    );
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ email, "urn:kombify:plan": "pro" });
    const operator = await mintOperator(platform.identityProvider);
    await send(platform.gateway, { method: "POST", path: "/api/admin/service-keys", token: operator });
    const file = join(platform.dataDir, "secrets", "service-key-a");
    const key = (await readFile(file, "utf8")).trim();
    const path = `/api/internal/users/${claims.sub ?? ""}?organisation=${orgId}`;
    const answer = await send(platform.functions, { path, token: key });
    expect(jsonOf(answer)).toMatchObject({ plan: "pro", limits: { maxNodes: 25 } });
  });

  it("has the pro plan's limits on the Stack: more nodes than the free plan allows", async () => {
    await page.getByRole("button", { name: "Open your Stack" }).click();
    for (const name of ["pro-01", "pro-02", "pro-03", "pro-04"]) {
      await page.getByRole("button", { name: "Add a node" }).click();
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByRole("button", { name: "Add the node" }).click();
      await page.getByRole("row", { name }).waitFor();
    }
    expect(await page.getByRole("row", { name: /pro-0/ }).count()).toBe(4);
  });

  it("cancels in the portal, and walks the steps to the end as time passes", async () => {
    await page.goto(`${platform.gateway}/`);
    await page.getByRole("button", { name: "Manage billing" }).click();
    await page.getByRole("button", { name: "Cancel the subscription" }).click();
    await page.getByRole("button", { name: "Return to kombify" }).click();
    await expectOnPage("is cancelled and ends on");
    await moveClock(31);
    await expectOnPage("About to end");
    expect(await readTenant()).toMatchObject({ plan: "pro" });
    await expectAccessible();
    await moveClock(4);
    await expectOnPage("Ended");
    expect(await readTenant()).toMatchObject({ plan: "free", limits: { maxNodes: 3 } });
    await expectAccessible();
  });

  it("has lost no data by it, and is only kept from adding more", async () => {
    await page.getByRole("button", { name: "Open your Stack" }).click();
    await page.getByRole("row", { name: "pro-04" }).waitFor();
    await page.getByRole("button", { name: "Add a node" }).click();
    await page.getByLabel("Name", { exact: true }).fill("one-too-many");
    await page.getByRole("button", { name: "Add the node" }).click();
    await page.getByText("The plan allows 3 nodes.").waitFor();
    expect(await page.getByRole("row", { name: /pro-0/ }).count()).toBe(4);
  });
});
