import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { fillCatalog, insertRows } from "../../local/pocketbase/test-catalog.ts";
import type { TestPocketBase } from "../../local/pocketbase/test-pocketbase.ts";
import { startTestPocketBase } from "../../local/pocketbase/test-pocketbase.ts";
import type { Traffic } from "./browser-page.ts";
import { accessibilityFindings, fitsWidth, hasBrowser, launchBrowser, recordTraffic } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";

let platform: RunningPlatform;
let source: TestPocketBase;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let traffic: Traffic;

const operator = { email: "olivia@kombify.example", password: "kombify-olivia-dev" };
const Token = z.object({ access_token: z.string() });

const signIn = async (on: Page): Promise<void> => {
  await on.goto(`${platform.gateway}/admin`);
  await on.getByRole("link", { name: "Sign in" }).click();
  await on.getByLabel("Email").fill(operator.email);
  await on.getByLabel("Password").fill(operator.password);
  await on.keyboard.press("Enter");
  await on.getByRole("button", { name: "Sign out" }).waitFor();
};

const kombify = async (...args: readonly string[]) => {
  const answer = await fetch(`${platform.identityProvider}/dev/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: operator.email }),
  });
  const env = {
    PATH: process.env["PATH"],
    KOMBIFY_URL: platform.gateway,
    KOMBIFY_TOKEN: Token.parse(await answer.json()).access_token,
    KOMBIFY_SOURCE_EMAIL: source.email,
    KOMBIFY_SOURCE_PASSWORD: source.password,
  };
  return promisify(execFile)(process.execPath, ["cli/main.mjs", ...args], { env, maxBuffer: 50_000_000 });
};

// Told in order: each step begins where the one before has ended.
describe.skipIf(!hasBrowser)("the tool catalog of an earlier administration, in a real browser", () => {
  beforeAll(async () => {
    [platform, source, browser] = await Promise.all([startPlatform(), startTestPocketBase(), launchBrowser()]);
    await fillCatalog(source, { categories: 20, tools: 1_200, versions: 1_500, evaluations: 600 });
    insertRows(source, "tool_versions", [{ id: "badversion00001", tool: "nosuchtool00000", version: "1.0.0" }]);
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(15_000);
    traffic = recordTraffic(context);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await source.stop();
    await platform.stop();
  });

  it("is migrated by one command, which says what it could not map; a second run changes nothing", async () => {
    const dry = await kombify("catalog", "migrate", "--from", source.url, "--dry-run");
    expect(dry.stderr).toContain("1200 created");
    const { stdout, stderr } = await kombify("catalog", "migrate", "--from", source.url);
    expect(stdout).toContain("tool-version  badversion00001  tool-missing");
    expect(stderr).toContain("succeeded, 1 findings");
    expect((await kombify("catalog", "migrate", "--from", source.url)).stderr).toContain("1200 unchanged");
  });

  it("is public as far as it was published", async () => {
    const search = await fetch(`${platform.gateway}/api/tools?q=tool%201199`);
    expect(await search.json()).toMatchObject({ tools: [{ name: "Tool 1199 queue" }] });
    expect(await (await fetch(`${platform.gateway}/api/tools?limit=1`)).json()).toMatchObject({ total: 1_080 });
    const tool = await fetch(`${platform.gateway}/api/tools/tool-1199-queue`);
    expect(await tool.json()).toMatchObject({ versions: [{ version: "1.19.0" }] });
    const etag = tool.headers.get("etag") ?? "";
    const again = await fetch(`${platform.gateway}/api/tools/tool-1199-queue`, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
    expect((await fetch(`${platform.gateway}/api/tools/tool-10-server`)).status).toBe(404);
  });

  it("is shown to operators, who search it and narrow it down", async () => {
    await signIn(page);
    await page.goto(`${platform.gateway}/admin/tools`);
    await page.getByRole("heading", { name: "1200 tools" }).waitFor();
    await page.getByRole("searchbox").fill("tool 1190");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "Tool 1190 server" }).waitFor();
    await page.goto(`${platform.gateway}/admin/tools`);
    await page.getByText("Status", { exact: true }).first().click();
    await page.getByRole("link", { name: "draft", exact: true }).click();
    await page.getByRole("heading", { name: "120 tools" }).waitFor();
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByRole("heading", { name: "120 tools" }).waitFor();
    expect(await page.getByRole("row").count()).toBe(26);
  });

  it("can be read by everybody: light, dark, wide and narrow", async () => {
    const addresses = ["/admin/tools", "/admin/tools/new", "/admin/tools/import", "/admin/tools?q=tool%201190"];
    for (const address of addresses) {
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
    await page.setViewportSize({ width: 1400, height: 900 });
  });

  it("is edited and published without JavaScript", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const reader = await plain.newPage();
    await signIn(reader);
    await reader.goto(`${platform.gateway}/admin/tools?q=tool+1190`);
    await reader.getByRole("link", { name: "Tool 1190 server" }).click();
    await reader.getByLabel("Homepage").fill("https://changed.example");
    await reader.getByRole("button", { name: "Save" }).click();
    await reader.locator("#flash", { hasText: "The tool is saved." }).waitFor();
    await reader.getByRole("link", { name: "Publish…" }).click();
    await reader.getByRole("button", { name: "Publish it" }).click();
    await reader.locator("#flash", { hasText: "The tool is published." }).waitFor();
    await reader.getByLabel("Model").fill("some-model-2");
    await reader.getByLabel("Date").fill("2026-03-04");
    await reader.getByLabel("Scores, such as: safety 90, docs 75").fill("safety 90");
    await reader.getByRole("button", { name: "Add the evaluation" }).click();
    await reader.locator("#flash", { hasText: "The evaluation is added." }).waitFor();
    await reader.getByLabel("Slug (its address)").fill("tool-1199-queue");
    await reader.getByRole("button", { name: "Save" }).click();
    await reader.getByRole("alert").filter({ hasText: "Another tool has the slug" }).waitFor();
    expect(await reader.getByLabel("Slug (its address)").inputValue()).toBe("tool-1199-queue");
    await plain.close();
    const tool = await fetch(`${platform.gateway}/api/tools/tool-1190-server`);
    expect(await tool.json()).toMatchObject({ homepage: "https://changed.example" });
    await page.goto(`${platform.gateway}/admin/tools?q=tool+1190`);
    await page.getByRole("link", { name: "Tool 1190 server" }).click();
    expect(await accessibilityFindings(page)).toEqual([]);
  });

  it("takes files, tried out first, and gives them", async () => {
    const file = join(platform.dataDir, "more.csv");
    await writeFile(file, "slug,name,category\nfrom-a-file,From a file,category-1\nBad,Bad,\n");
    await page.goto(`${platform.gateway}/admin/tools/import`);
    for (const button of ["Try it out", "Import"]) {
      await page.getByLabel("File").setInputFiles(file);
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.getByText("1 created, 0 updated, 0 unchanged, 1 row refused.").waitFor();
    }
    await page.getByRole("cell", { name: "slug" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Everything as JSON" }).click(),
    ]);
    const exported = z
      .object({ tools: z.array(z.unknown()) })
      .parse(JSON.parse(await text(await download.createReadStream())));
    expect(exported.tools).toHaveLength(1_201);
    const out = join(platform.dataDir, "all.csv");
    await kombify("catalog", "export", "--out", out);
    await expect(kombify("catalog", "import", file)).rejects.toMatchObject({ code: 1 });
  });

  it("has left no login of the source anywhere, and no complaint of the browser", async () => {
    const found = await promisify(execFile)("grep", ["-rlF", source.password, platform.dataDir]).catch(() => undefined);
    expect(found).toBeUndefined();
    expect(platform.progress()).not.toContain(source.password);
    expect(traffic.complaints).toEqual([]);
  });
});
