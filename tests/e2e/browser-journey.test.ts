import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Traffic } from "./browser-page.ts";
import {
  accessibilityFindings,
  fitsWidth,
  hasBrowser,
  historyOf,
  launchBrowser,
  recordTraffic,
  signIn,
} from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintOperator, mintToken } from "./support/people.ts";

let platform: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let traffic: Traffic;
let screenshots: string;

const member = { email: "jane@initech.example", password: "initech-jane-dev" };

/** Every view, in both colour schemes and down to 320 pixels. */
const expectGoodPage = async (name: string): Promise<void> => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await accessibilityFindings(page), `${name}, ${colorScheme}`).toEqual([]);
    for (const width of [1100, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      expect(await fitsWidth(page), `${name} at ${width} pixels`).toBe(true);
    }
    await page.setViewportSize({ width: 1100, height: 800 });
  }
};

/** Suspends the member's tenant and resumes it at once: everybody's session has ended, and nothing else is different. */
const endSessions = async (): Promise<void> => {
  const { gateway, identityProvider } = platform;
  const { email } = member;
  const mine = jsonOf(
    await send(gateway, { path: "/api/tenant", token: await mintToken(identityProvider, { email }) }),
  );
  const { id } = z.object({ id: z.string() }).parse(mine);
  const token = await mintOperator(identityProvider);
  for (const verb of ["suspend", "resume"]) {
    const answer = await send(gateway, { method: "POST", path: `/api/admin/tenants/${id}/${verb}`, token });
    expect(answer.status).toBe(200);
  }
};

const heading = (name: string) => page.getByRole("heading", { level: 1, name });

// One journey, told in order: each step begins where the one before has ended.
describe.skipIf(!hasBrowser)("a member's first day, in a real browser", () => {
  beforeAll(async () => {
    screenshots = await mkdtemp(join(tmpdir(), "kombify-screenshots-"));
    [platform, browser] = await Promise.all([startPlatform(), launchBrowser()]);
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    traffic = recordTraffic(context);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
    if (process.env["KEEP_SCREENSHOTS"] === undefined) await rm(screenshots, { recursive: true, force: true });
    else process.stderr.write(`Screenshots: ${screenshots}\n`);
  });

  it("is told what kombify is, and refused an answer nobody asked for", async () => {
    await page.goto(`${platform.gateway}/callback?code=stolen&state=of-somebody-else`);
    await page.getByText("This sign-in was not started in this tab").waitFor();
    expect(page.url()).toBe(`${platform.gateway}/`);
    await page.goto(`${platform.gateway}/`);
    await heading("Your homelab, run as a service.").waitFor();
    await expectGoodPage("signed-out");
  });

  it("signs in, and is shown what is wrong with a slug at its field", async () => {
    await signIn(page, platform.gateway, member);
    await heading("Create your tenant").waitFor();
    expect(await page.getByLabel("Slug").inputValue()).toBe("initech");
    await page.getByLabel("Slug").fill("admin");
    await page.getByRole("button", { name: "Create your tenant" }).click();
    await page.getByText("This word is reserved").waitFor();
    const slug = page.getByLabel("Slug");
    expect(await slug.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await slug.getAttribute("aria-invalid")).toBe("true");
    await expectGoodPage("new-tenant");
  });

  it("makes the tenant by keyboard and sees it ready", async () => {
    await page.getByLabel("Slug").fill("initech");
    await page.keyboard.press("Enter");
    await heading("Initech").waitFor({ timeout: 60_000 });
    await page.getByText("free plan", { exact: true }).first().waitFor();
    await expectGoodPage("tenant");
  });

  it("opens the Stack without another sign-in", async () => {
    await page.getByRole("button", { name: "Open your Stack" }).click();
    await heading("Initech").waitFor();
    await page.getByRole("main").getByText("initech", { exact: true }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(page.url()).toMatch(/\/stacks\/[\w-]+\/$/);
    await page.getByText("No nodes yet.").waitFor();
    await expectGoodPage("stack-empty");
  });

  it("adds a node that is still there after a reload", async () => {
    await page.getByRole("button", { name: "Add a node" }).click();
    await page.getByLabel("Name", { exact: true }).fill("nas-01");
    await page.getByLabel("Host name").fill("nas-01.lan");
    await expectGoodPage("add-node");
    await page.getByRole("button", { name: "Add the node" }).click();
    await page.getByRole("row", { name: "nas-01" }).waitFor();
    await page.reload();
    await page.getByRole("row", { name: "nas-01" }).waitFor();
    await expectGoodPage("stack");
  });

  it("sees in one window at once what is changed in another, and keeps the focus", async () => {
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByText("Live", { exact: true }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByLabel("Status of nas-01").focus();
    await other.getByLabel("Status of nas-01").selectOption("online");
    await page.waitForFunction(() => document.querySelector<HTMLSelectElement>("td select")?.value === "online");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SELECT");
    await other.close();
  });

  it("is told when the plan allows no more nodes", async () => {
    for (const name of ["pi-01", "pi-02", "pi-03"]) {
      await page.getByRole("button", { name: "Add a node" }).click();
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByRole("button", { name: "Add the node" }).click();
      if (name !== "pi-03") await page.getByRole("row", { name }).waitFor();
    }
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("The plan allows 3 nodes.");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Delete pi-02" }).click();
    await page.getByRole("button", { name: "Delete the node" }).click();
    await page.getByRole("row", { name: "pi-02" }).waitFor({ state: "detached" });
  });

  it("has left no token in any address, referrer or history entry, and no complaint of the browser (JT-17)", async () => {
    const cookie = (await context.cookies(page.url())).find(({ name }) => name === "pb_auth");
    expect(cookie?.path).toMatch(/^\/stacks\/[\w-]+\/$/);
    const session = await page.evaluate(() => sessionStorage.getItem("kombify.session") ?? "");
    expect(session).toContain("eyJ");
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    const history = await historyOf(page);
    expect(history).toContain(`${platform.gateway}/`);
    const isSecret = (text: string): boolean => /eyJ|token=/.test(decodeURIComponent(text));
    expect([...traffic.urls, ...traffic.referrers, ...history].filter(isSecret)).toEqual([]);
    expect([...traffic.referrers, ...history].filter((text) => /[?&]code=/.test(text))).toEqual([]);
    expect(traffic.complaints).toEqual([]);
  });

  it("is asked to sign in again when the session ended while a node was being added, and is back with one click", async () => {
    await page.getByRole("button", { name: "Add a node" }).click();
    await page.getByLabel("Name", { exact: true }).fill("late");
    await endSessions();
    await page.getByRole("button", { name: "Add the node" }).click();
    await heading("Your session has ended").waitFor();
    expect(await page.getByText("Live", { exact: true }).count()).toBe(0);
    expect((await context.cookies(page.url())).map(({ name }) => name)).not.toContain("pb_auth");
    await expectGoodPage("stack-ended");
    await page.getByRole("link", { name: "Sign in again" }).click();
    await page.getByRole("button", { name: "Open your Stack" }).click();
    await page.getByRole("row", { name: "nas-01" }).waitFor();
  });

  it("signs out of the Stack and of the console", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading("Initech").waitFor();
    expect((await context.cookies(`${platform.gateway}/stacks/`)).map(({ name }) => name)).not.toContain("pb_auth");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading("Your homelab, run as a service.").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    const [instance] = platform.instances;
    await page.goto(`${instance?.publicEndpoint ?? ""}/`);
    await heading("You are not signed in here").waitFor();
    await expectGoodPage("stack-outside");
  });
});
