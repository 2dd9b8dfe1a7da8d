import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person, Traffic } from "./browser-page.ts";
import { accessibilityFindings, fitsWidth, hasBrowser, launchBrowser, recordTraffic } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { managedInstances } from "./support/processes.ts";

let platform: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let traffic: Traffic;

const operator = { email: "olivia@kombify.example", password: "kombify-olivia-dev" };
const member = { email: "ben@acme.example", password: "acme-ben-dev" };
const instance = (): string => platform.instances[0]?.id ?? "";
const row = (on: Page = page) => on.getByRole("row", { name: instance() });

const signInAs = async (on: Page, { email, password }: Person): Promise<void> => {
  await on.goto(`${platform.gateway}/admin`);
  await on.getByRole("link", { name: "Sign in" }).click();
  await on.getByLabel("Email").fill(email);
  await on.getByLabel("Password").fill(password);
  await on.keyboard.press("Enter");
  await on.getByRole("button", { name: "Sign out" }).waitFor();
};

/** The newest pages know a state after one look at the instance and one of the page at the platform. */
const expectState = (state: string): Promise<void> =>
  row().getByText(state, { exact: true }).waitFor({ timeout: 100_000 });

// One watch, told in order: each step begins where the one before has ended.
describe.skipIf(!hasBrowser)("an operator's watch, in a real browser", () => {
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startPlatform(), launchBrowser()]);
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(15_000);
    traffic = recordTraffic(context);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  it("signs in and sees the live instance become healthy", async () => {
    await signInAs(page, operator);
    expect(page.url()).toBe(`${platform.gateway}/admin`);
    await row().waitFor();
    await expectState("Healthy");
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await row().textContent()).toContain("2 / 50");
  });

  it("keeps its session where no script and no other path finds it", async () => {
    const session = (await context.cookies(`${platform.gateway}/admin`)).find(({ name }) => name === "kombify-admin");
    expect(session).toMatchObject({ path: "/admin", httpOnly: true, sameSite: "Lax" });
    expect(session?.value).not.toContain(".eyJ");
    expect(await page.evaluate("document.cookie + JSON.stringify({ ...sessionStorage, ...localStorage })")).toBe("{}");
  });

  it("can be read by everybody: light, dark, wide and narrow", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [1400, 320]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await accessibilityFindings(page), `${colorScheme}, ${width} pixels`).toEqual([]);
        expect(await fitsWidth(page), `${width} pixels`).toBe(true);
      }
    }
    await page.setViewportSize({ width: 1400, height: 900 });
  });

  it("can be read and used without JavaScript", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const reader = await plain.newPage();
    await signInAs(reader, operator);
    await row(reader).waitFor();
    await reader.getByRole("link", { name: "Hours" }).click();
    await row(reader).waitFor();
    await reader.getByRole("link", { name: `Drain… ${instance()}` }).click();
    await reader.getByRole("button", { name: "Drain the instance" }).click();
    await reader.locator("#flash", { hasText: "The instance takes no new tenants." }).waitFor();
    expect(await row(reader).textContent()).toContain("Draining");
    await page.getByRole("link", { name: `Undrain… ${instance()}` }).waitFor();
    await plain.close();
  });

  it("is used by keyboard alone, and keeps focus, open details and what is typed while it updates", async () => {
    await page.getByRole("link", { name: `Undrain… ${instance()}` }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Undrain the instance" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#flash", { hasText: "The instance takes tenants again." }).waitFor();
    await row().locator("summary").focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Reason").fill("A new disk");
    const before = traffic.urls.filter((url) => url.endsWith("/admin")).length;
    await expect
      .poll(() => traffic.urls.filter((url) => url.endsWith("/admin")).length, { timeout: 30_000 })
      .toBeGreaterThan(before + 2);
    expect(await page.evaluate("document.activeElement.id")).toBe("reason");
    expect(await page.getByLabel("Reason").inputValue()).toBe("A new disk");
    expect(await row().locator("details").getAttribute("open")).toBe("");
    await page.getByLabel("Reason").fill("");
  });

  it("stands still when it is paused", async () => {
    const pause = page.getByRole("button", { name: "Pause updates" });
    await pause.click();
    expect(await pause.getAttribute("aria-pressed")).toBe("true");
    await page.getByText(/^Paused/).waitFor();
    const asked = traffic.urls.length;
    await expect
      .poll(() => page.locator("#live-state").textContent(), { timeout: 15_000 })
      .toContain("Paused, 8 s old");
    expect(traffic.urls.length).toBe(asked);
    await pause.click();
    await page.getByText("Live", { exact: true }).waitFor();
  });

  it("sees a stopped instance turn stale, then offline, with an incident; and all of it over when it goes on", async () => {
    const managed = await managedInstances(platform.resourceManager);
    const pid = managed.find(({ name }) => name === instance())?.pid ?? Number.NaN;
    process.kill(pid, "SIGSTOP");
    try {
      await expectState("Stale");
      await expectState("Offline");
      const incident = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: "Acknowledge" }) });
      await incident.waitFor();
      expect(await page.getByRole("status").first().textContent()).not.toBe("");
      await page.getByRole("button", { name: `Acknowledge ${instance()}` }).click();
      await page.locator("#flash", { hasText: "The incident is acknowledged." }).waitFor();
      expect(await accessibilityFindings(page)).toEqual([]);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await expectState("Healthy");
    await page.getByText("resolved", { exact: true }).first().waitFor({ timeout: 100_000 });
  }, 400_000);

  it("shows nothing to people who operate nothing, and lets them sign out", async () => {
    const other = await browser.newContext();
    const stranger = await other.newPage();
    await signInAs(stranger, member);
    await stranger.getByRole("heading", { name: "You may not do this" }).waitFor();
    expect(await stranger.textContent("body")).not.toContain(instance());
    await stranger.getByRole("button", { name: "Sign out" }).click();
    await stranger.getByRole("button", { name: "Sign out" }).click();
    await stranger.getByRole("link", { name: "Sign in" }).waitFor();
    expect((await other.cookies()).map(({ name }) => name)).not.toContain("kombify-admin");
    await other.close();
  });

  it("has left no token in any address, and no complaint of the browser", () => {
    expect(traffic.urls.filter((url) => /eyJ|access_token/.test(decodeURIComponent(url)))).toEqual([]);
    expect(traffic.complaints).toEqual([]);
  });
});
