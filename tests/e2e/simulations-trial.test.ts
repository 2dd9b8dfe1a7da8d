import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testEngine } from "../support/docker-engine.ts";
import { accessibilityFindings, fitsWidth, hasBrowser, launchBrowser, signIn } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintToken } from "./support/people.ts";
import { eventually } from "./support/processes.ts";
import { killNow } from "./support/signals.ts";

const engine = hasBrowser ? await testEngine() : undefined;
const gina = "gina@globex.example";

const Trials = z.object({
  proof: z.object({ assertions: z.array(z.object({ name: z.string(), verdict: z.string() })) }).nullable(),
  own: z.object({ id: z.string(), status: z.string(), simulationId: z.string(), runId: z.string() }).nullable(),
});
const Runs = z.object({ runs: z.array(z.object({ status: z.string() })) });

let platform: RunningPlatform;
let browser: Browser;
let page: Page;
let token: string;

const call = (method: "GET" | "POST", path: string, json?: unknown) =>
  send(platform.gateway, { method, path, token, ...(json === undefined ? {} : { json }) });
const trials = async () => Trials.parse(jsonOf(await call("GET", "/v1/stackkits/small-site/trials")));
const runsOf = async (simulationId: string) =>
  Runs.parse(jsonOf(await call("GET", `/v1/simulations/${simulationId}/runs`))).runs;

// One story, told in order: Acme's journey has proven the kit, then somebody of Globex tries it.
describe.skipIf(engine === undefined)("a kit that is tried in a simulation", () => {
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startPlatform({ withSimulations: true }), launchBrowser()]);
    page = await browser.newPage();
    token = await mintToken(platform.identityProvider, { email: gina });
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  it("is proven for everybody by whoever tried it, and shows nobody whose trial that was", async () => {
    const { proof, own } = await trials();
    expect(proof?.assertions.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["web answers", "passed"],
      ["web answers again after everything was killed", "passed"],
      ["web answers over a bad line", "passed"],
    ]);
    expect(own).toBeNull();
  });

  it("is tried from its page by a click, watched, and nobody changes it meanwhile", async () => {
    const account = platform.accounts.find(({ email }) => email === gina);
    if (account === undefined) throw new Error("Gina has no account.");
    await signIn(page, platform.gateway, account);
    await page.goto(`${platform.gateway}/kits/small-site`);
    const section = page.getByRole("region", { name: "Try it in a simulation" });
    await section.getByText("Proven").waitFor();
    await section.getByRole("button", { name: "Try it in a simulation" }).click();
    const watch = section.getByRole("link", { name: "Watch it" });
    const id = (await watch.getAttribute("href"))?.split("/").at(-1) ?? "";
    await eventually("the run of the trial", 30_000, async () => ((await runsOf(id)).length > 0 ? true : undefined));
    const changed = await call("POST", `/v1/simulations/${id}/nodes/site/exec`, { command: ["touch", "/tmp/x"] });
    expect([changed.status, jsonOf(changed)]).toMatchObject([409, { code: "simulation-state" }]);
    const watcher = await browser.newPage();
    await signIn(watcher, platform.gateway, account);
    await watcher.goto(`${platform.gateway}/simulations/${id}`);
    await watcher.getByText("It proves nothing if it is changed").waitFor();
    // What would be refused is not offered.
    const offered = await watcher.locator(".head").getByRole("button").allTextContents();
    expect(offered).toEqual(["Stop", "Delete"]);
    expect(await watcher.getByRole("button", { name: /^(Start a|Cancel the) run$|^Save the files/ }).count()).toBe(0);
    await watcher.close();
    await section.getByText("Your last trial passed").waitFor({ timeout: 60_000 });
    for (const width of [1400, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(await fitsWidth(page)).toBe(true);
    }
    await section.getByRole("link", { name: "See its report" }).click();
    await page.getByText("web answers over a bad line").first().waitFor();
  });

  it("survives that the host is killed while it runs", async () => {
    const before = (await trials()).own?.id;
    const begun = await call("POST", "/v1/simulations/trials", { kit: "small-site" });
    const { simulationId } = z.object({ simulationId: z.string() }).parse(jsonOf(begun));
    await eventually("a run", 30_000, async () => ((await runsOf(simulationId)).length > 0 ? true : undefined));
    expect(killNow(platform.pids["simHost"] ?? 0)).toBe(true);
    const own = await eventually("the result of a trial that was interrupted", 90_000, async () => {
      const newest = (await trials()).own;
      return newest === null || newest.id === before ? undefined : newest;
    });
    expect(own).toMatchObject({ status: "passed", simulationId });
    expect((await runsOf(simulationId)).map(({ status }) => status)).toEqual(["passed", "interrupted"]);
  });

  it("says what is missing when the host cannot run a kit", async () => {
    const refused = await call("POST", "/v1/simulations/trials", { kit: "uptime-kuma" });
    expect(refused.status).toBe(409);
    expect(jsonOf(refused)).toMatchObject({ code: "kit-not-tried", missing: ["louislam/uptime-kuma:1.23.13"] });
    await page.goto(`${platform.gateway}/kits/uptime-kuma`);
    const section = page.getByRole("region", { name: "Try it in a simulation" });
    await section.getByText("Nobody has proven this version yet.").waitFor();
    await section.getByRole("button", { name: "Try it in a simulation" }).click();
    await section.getByText("has not all images of the kit").waitFor();
  });
});
