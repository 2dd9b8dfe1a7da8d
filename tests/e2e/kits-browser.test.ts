import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Of } from "../../shared/stackkits/sign-archive.ts";
import { accessibilityFindings, hasBrowser, launchBrowser } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";

let platform: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

const ada = () => {
  const found = platform.accounts.find(({ email }) => email === "ada@acme.example");
  if (found === undefined) throw new Error("Ada has no account.");
  return found;
};

const kitNames = () => page.locator(".kits h2").allTextContents();
const spec = () => page.locator(".cm-content");
const specText = async (): Promise<string> => (await page.locator(".cm-line").allTextContents()).join("\n");

const typeSpec = async (text: string): Promise<void> => {
  await spec().click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
};

const expectAccessible = async (): Promise<void> => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1400, 768, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await accessibilityFindings(page), `${colorScheme} ${width}`).toEqual([]);
      const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      expect(isTooWide, `${width} pixels wide`).toBe(false);
    }
  }
  await page.setViewportSize({ width: 1200, height: 900 });
};

// One story, told in order: each step begins where the one before has ended.
describe.skipIf(!hasBrowser)("the catalogue of StackKits in a real browser", () => {
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startPlatform(), launchBrowser()]);
    context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    page.on("console", (message) => {
      const text = message.text();
      // Answers that refuse something; and styles that the editor's copies of its own lines lose, which they do not need.
      const isExpected = text.includes("status of 4") || text.startsWith("Applying inline style");
      if (message.type() === "error" && !isExpected) complaints.push(text);
    });
    page.on("pageerror", (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  it("asks to sign in, and comes back to the page that was wanted", async () => {
    await page.goto(`${platform.gateway}/kits?category=monitoring`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Email").fill(ada().email);
    await page.getByLabel("Password").fill(ada().password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "StackKits" }).waitFor();
    expect(page.url()).toBe(`${platform.gateway}/kits?category=monitoring`);
    expect(await kitNames()).toContain("Uptime Kuma");
    expect(await kitNames()).not.toContain("Gitea");
  });

  it("is searched, narrowed down and sorted, and the address says so", async () => {
    await page.getByLabel("Category").selectOption("");
    await page.getByRole("heading", { name: "Gitea" }).waitFor();
    await page.getByLabel("Search").fill("films");
    await page.keyboard.press("Enter");
    await page.getByText("1 kit", { exact: true }).waitFor();
    expect([await kitNames(), new URL(page.url()).searchParams.get("q")]).toEqual([["Jellyfin"], "films"]);
    await page.getByLabel("Search").fill("there is nothing of this name");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("No kit matches.").waitFor();
    await page.goto(`${platform.gateway}/kits`);
    await page.getByLabel("Plan").selectOption("pro");
    await page.getByText("needs the pro plan").first().waitFor();
    await expectAccessible();
  });

  it("shows a kit whole, and hands out what its digest says", async () => {
    await page.goto(`${platform.gateway}/kits`);
    await page.getByRole("link", { name: "Gitea" }).click();
    await page.getByRole("heading", { level: 1, name: "Gitea" }).waitFor();
    await page.getByRole("heading", { name: "After the installation" }).waitFor();
    await page.getByText("The spec is valid.").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("gitea-1.0.0.tar.gz");
    const digest = await page.locator("code.long").textContent();
    expect(sha256Of(await readFile(await download.path()))).toBe(digest);
    await expectAccessible();
  });

  it("underlines what is wrong with a spec, and repairs it click by click until it is valid", async () => {
    await typeSpec("# mine\nname: Not A Name\ncolour: blue\nports:\n  web: 99999999\n");
    const findings = page.getByRole("list", { name: "What is wrong with the spec" });
    await findings.waitFor();
    await page.locator(".cm-lintRange-error").first().waitFor();
    await expectAccessible();
    for (let count = 0; count < 10 && (await findings.count()) > 0; count += 1) {
      const before = await specText();
      await findings.getByRole("button", { name: "Repair" }).first().click();
      await expect.poll(specText).not.toBe(before);
      await expect
        .poll(async () => (await page.getByText("The spec is valid.").count()) + (await findings.count()))
        .toBe(1);
      await page
        .waitForResponse((answer) => answer.url().includes("/validate"), { timeout: 3_000 })
        .catch(() => undefined);
    }
    await page.getByText("The spec is valid.").waitFor();
    expect(await specText()).toContain("# mine");
    expect(await page.locator(".cm-lintRange-error").count()).toBe(0);
  });

  it("is tried out, installed, found in the Stack, changed and uninstalled", async () => {
    await typeSpec("name: git-here\nports:\n  web: 3100\n");
    await page.getByText("The spec is valid.").waitFor();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByText("git-here would be installed.").waitFor();
    await page.getByRole("rowheader", { name: "/ports/web" }).waitFor();
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByText("git-here is installed.").waitFor();
    await expectAccessible();
    await page.getByRole("button", { name: "Change or upgrade git-here" }).click();
    await expect.poll(specText).toContain("web: 3100");
    await typeSpec((await specText()).replace("3100", "3200"));
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByText("git-here is brought up to date.").waitFor();
    await page.getByRole("link", { name: "Your tenant" }).click();
    await page.getByRole("button", { name: "Open your Stack" }).click();
    await page.getByRole("row", { name: /git-here-gitea/ }).waitFor();
    await page.goto(`${platform.gateway}/kits/gitea`);
    page.once("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Uninstall git-here" }).click();
    await expect.poll(() => page.getByRole("button", { name: "Uninstall git-here" }).count()).toBe(0);
  });

  it("says of a kit of a larger plan what it needs and where to get it; its spec can be checked all the same", async () => {
    await page.goto(`${platform.gateway}/kits/nextcloud`);
    await page.getByText("This kit needs the pro plan.").waitFor();
    expect(await page.getByRole("button", { name: "Install", exact: true }).count()).toBe(0);
    expect(await page.getByRole("button", { name: "Download" }).count()).toBe(0);
    await page.getByText("The pro plan has it.").waitFor();
    await expectAccessible();
    await page.getByRole("link", { name: "Upgrade on your tenant's page" }).click();
    await page.getByRole("button", { name: "Upgrade to pro" }).waitFor();
  });

  it("says so when there is no such kit, and has no complaint of the browser", async () => {
    await page.goto(`${platform.gateway}/kits/there-is-none`);
    await page.getByText("There is no such kit.").waitFor();
    await page.getByRole("link", { name: "All kits" }).click();
    await page.getByRole("heading", { level: 1, name: "StackKits" }).waitFor();
    expect(complaints).toEqual([]);
  });
});
