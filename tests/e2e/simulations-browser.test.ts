import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testEngine } from "../support/docker-engine.ts";
import type { Traffic } from "./browser-page.ts";
import { accessibilityFindings, fitsWidth, hasBrowser, launchBrowser, recordTraffic, signIn } from "./browser-page.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";

const engine = hasBrowser ? await testEngine() : undefined;

let platform: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let traffic: Traffic;
let address: string;

const account = (email: string) => {
  const found = platform.accounts.find((one) => one.email === email);
  if (found === undefined) throw new Error(`${email} has no account.`);
  return found;
};

const expectAccessible = async (on = page): Promise<void> => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1400, 320]) {
      await on.setViewportSize({ width, height: 900 });
      await on.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await accessibilityFindings(on), `${colorScheme} ${width}`).toEqual([]);
      expect(await fitsWidth(on), `${width} pixels wide`).toBe(true);
    }
  }
  await on.setViewportSize({ width: 1400, height: 900 });
};

const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });
const inPicture = (name: string) => page.locator(".picture").getByRole("button", { name: new RegExp(`^${name}\\b`) });
const focusedText = () => page.evaluate("document.activeElement?.textContent ?? ''");
const editorText = async (): Promise<string> => (await page.locator(".cm-line").allTextContents()).join("\n");
const write = async (text: string): Promise<void> => {
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
};
const terminalText = () => page.locator(".xterm-rows").innerText();
const enter = async (command: string): Promise<void> => {
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type(`${command}\n`);
};

// One story, told in order: each step begins where the one before has ended.
describe.skipIf(engine === undefined)("simulations in a real browser, on a real engine", () => {
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startPlatform({ withSimulations: true }), launchBrowser()]);
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    traffic = recordTraffic(context);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await platform.stop();
  });

  it("ask to sign in, come back, and say what they are where there are none", async () => {
    await page.goto(`${platform.gateway}/simulations`);
    const { email, password } = account("gina@globex.example");
    await page.getByText("Sign in to build, break and watch homelabs.").waitFor();
    await button("Sign in").click();
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password").fill(password);
    await button("Sign in").click();
    await page.getByRole("heading", { level: 1, name: "Simulations" }).waitFor();
    expect(page.url()).toBe(`${platform.gateway}/simulations`);
    await page.getByText("A simulation is a homelab that exists only for a while").waitFor();
    expect(await page.getByRole("link", { name: "Begin with this" }).count()).toBe(3);
    await expectAccessible();
  });

  it("are checked while they are written: what is wrong where, and what the plan lacks", async () => {
    await page.locator("li").filter({ hasText: "Three tiers" }).getByRole("link", { name: "Begin with this" }).click();
    await page.getByText("The topology is valid.").waitFor();
    await page.getByText("3 of 5").waitFor();
    await expectAccessible();
    await write("name: Mine\nnodes:\n  a: { image: toolbox, limits: { memory: 64 } }\n");
    const findings = page.getByRole("list", { name: "What is wrong with the topology" });
    await findings.getByText("Write it with its unit, as in 64MB or 1GB.").waitFor();
    await page.locator(".cm-lintRange-error").first().waitFor();
    await expectAccessible();
    await findings.getByRole("button", { name: "Line 3" }).click();
    expect(await page.evaluate("document.activeElement.className")).toContain("editor");
    await write("name: Mine\nnodes:\n  a: { image: toolbox, limits: { memory: 700MB } }\n");
    await page.getByText("The topology is valid, but your plan lacks something.").waitFor();
    await page.getByText("700 of 512 MB").waitFor();
    await button("Create and start").click();
    await page.getByRole("alert").getByText("700 MB of memory").waitFor();
    expect(await page.getByRole("link", { name: "Upgrade on your tenant's page" }).count()).toBe(2);
    await expectAccessible();
    await button("Three tiers over a lossy line").click();
    await page.getByText("The topology is valid.").waitFor();
    expect(await editorText()).toContain("name: Three-tier lab");
  });

  it("come to life in front of the person who made them", async () => {
    await button("Create and start").click();
    await page.getByRole("heading", { level: 1, name: "Three-tier lab" }).waitFor();
    address = page.url();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator(".head .badge").getByText("Running").waitFor({ timeout: 60_000 });
    await inPicture("web").getByText("Healthy").waitFor({ timeout: 60_000 });
    await inPicture("db").getByText("Running").waitFor();
    await page.getByText(/Stops by itself in \d+ minutes/).waitFor();
    await expectAccessible();
  });

  it("have their lines set by hand, at once, and their cables pulled", async () => {
    await inPicture("front").click();
    await page.getByText("10 ms ± 2 ms, 1 % lost, 10 Mbit/s").first().waitFor();
    expect(await page.getByLabel("Delay", { exact: true }).inputValue()).toBe("10");
    await page.getByLabel("Delay, slider").focus();
    await page.keyboard.press("End");
    await inPicture("front")
      .getByText(/^2 s ± 2 ms/)
      .waitFor();
    await page.getByLabel("Direction").selectOption("client → web");
    await page.getByLabel("Loss", { exact: true }).fill("25");
    await page.getByLabel("Delay", { exact: true }).fill("");
    await page.getByText("25 % lost, 10 Mbit/s", { exact: true }).first().waitFor();
    await button("Perfect").click();
    await page.getByLabel("Direction").selectOption("Both directions");
    await button("Perfect").click();
    await page.getByText("unimpaired").nth(1).waitFor();
    await expectAccessible();
    await button("Pull the cable").click();
    await inPicture("front").getByText("unplugged").waitFor();
    await page.getByText("front is down").waitFor();
    await button("Plug in").click();
    await inPicture("front").getByText("unplugged").waitFor({ state: "detached" });
  });

  it("open a terminal in a node, which the keyboard can leave again", async () => {
    await inPicture("client").click();
    await page.getByText(/\d MB/).first().waitFor();
    await button("Open a terminal").click();
    await page.getByText("Connected.").waitFor();
    await enter("echo $((6 * 7))-$(wget -q -O - http://web:8080/)");
    await expect.poll(terminalText, { timeout: 15_000 }).toContain("42-hello");
    await expectAccessible();
    await enter("printf '\\033[38;2;10;200;10mgreen\\033[0m done\\n'; stty size");
    await expect.poll(terminalText, { timeout: 15_000 }).toMatch(/green done\s+\d+ \d+/);
    await page.keyboard.press("Control+Shift+L");
    expect(await focusedText()).toBe("Terminal in client");
    await page.getByLabel("For screen readers").check();
    await page.locator(".xterm-accessibility").waitFor({ state: "attached" });
    await enter("exit");
    await page.getByText("The program has ended.").waitFor();
    await button("Open it again").click();
    await page.getByText("Connected.").waitFor();
    await button("Close").click();
    await expect.poll(focusedText).toBe("Open a terminal");
  });

  it("show the logs of a node, and hand out what passes a port", async () => {
    await inPicture("client").click();
    await button("Logs").click();
    await page.getByText("It has written nothing so far.").waitFor();
    await page.getByText("Following.").waitFor();
    await button("Close").click();
    await inPicture("front").click();
    await page.getByText("Capture packets").click();
    const [download] = await Promise.all([
      page.waitForEvent("download", { timeout: 30_000 }),
      button("Capture what passes").click(),
    ]);
    expect(download.suggestedFilename()).toBe("front-client.pcap");
    // The number that every file of this kind begins with, in the byte order of who wrote it.
    const magic = (await readFile(await download.path())).subarray(0, 4).toString("hex");
    expect(["d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d"]).toContain(magic);
  });

  it("play their run: what breaks and what is still seen, while it happens and afterwards", async () => {
    await button("Start a run").click();
    await page.getByText(/^0:\d\d of 0:28$/).waitFor();
    const verdictOf = (name: string) =>
      page.getByRole("list", { name: "Assertions" }).getByRole("listitem").filter({ hasText: name }).locator(".badge");
    await expect.poll(() => verdictOf("web answers").textContent(), { timeout: 15_000 }).toBe("Passed");
    expect(await verdictOf("the database comes back").textContent()).toBe("Open");
    await inPicture("front").getByText("100 % lost").waitFor();
    await expectAccessible();
    await inPicture("back").getByText("unplugged").waitFor();
    // Its time is over, the run's is not.
    expect(await verdictOf("web is cut off").textContent()).toBe("Passed");
    await expect.poll(() => verdictOf("always there").textContent(), { timeout: 15_000 }).toBe("Failed");
    await inPicture("db").getByText("Ended with 137").waitFor();
    const outcome = page.getByText("Not as expected: the database is always there.", { exact: true });
    await outcome.waitFor({ timeout: 30_000 });
    expect(await verdictOf("web is cut off").textContent()).toBe("Passed");
    expect(await verdictOf("the database comes back").textContent()).toBe("Passed");
    await expectAccessible();
    const [download] = await Promise.all([page.waitForEvent("download"), button("Download the report").click()]);
    expect(await readFile(await download.path(), "utf8")).toContain("Three-tier lab");
  });

  it("have an address for each run, and hold it against an earlier one", async () => {
    const first = page.getByText("Not as expected: the database is always there.", { exact: true });
    await button("Start a run").click();
    await page.getByText(/^0:0[1-9] of 0:28$/).waitFor();
    await button("Cancel the run").click();
    await page.getByText("It was cancelled.", { exact: true }).waitFor();
    await page.getByLabel("Compare with an earlier run").selectOption({ index: 1 });
    const differs = page
      .getByRole("region", { name: "Runs" })
      .getByText(/^\d assertions came out otherwise than before\./);
    await differs.waitFor();
    await page
      .getByRole("row", { name: /^the database is always there/ })
      .getByText("before: Failed")
      .waitFor();
    await expectAccessible();
    expect(page.url()).toMatch(/\/runs\/run-[a-z2-7]{20}\?compare=run-[a-z2-7]{20}$/);
    await page.reload();
    await differs.waitFor();
    await page.goBack();
    await differs.waitFor({ state: "hidden" });
    expect(page.url()).toBe(address);

    await page.getByText("All runs (2)").click();
    await page
      .getByRole("link", { name: /^Run of / })
      .last()
      .click();
    await first.waitFor();
    expect(await focusedText()).toBe("Runs");
    const earlier = page.url();
    await page.goBack();
    await page.getByText("It was cancelled.", { exact: true }).waitFor();
    await page.goto(earlier);
    await first.waitFor();
    await page.goto(`${address}/runs/run-none`);
    await page.getByText("There is no such run.").waitFor();
    await expectAccessible();
    await page.goto(address);
    await page.getByText("Live", { exact: true }).waitFor();
  });

  it("keep files of nodes, and put them back", async () => {
    await button("Save the files now").click();
    const saves = page.getByRole("list", { name: "Saves" });
    await saves.getByText("3 nodes").waitFor();
    await saves.getByRole("button", { name: "Put back" }).click();
    await page.getByRole("dialog", { name: "Put these files back?" }).waitFor();
    await expectAccessible();
    await button("Put them back").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => page.locator("#status").textContent()).toBe("The files are put back.");
  });

  it("are changed by another text, step by step, also when somebody else was faster", async () => {
    await page.getByRole("link", { name: "Edit the topology" }).click();
    await page.getByText("Nothing: it is as written already.").waitFor();
    const text = await editorText();
    await write(text.replace("nodes:\n", "nodes:\n  spare: { image: toolbox, command: [sleep, infinity] }\n"));
    await page.getByText("Add node spare").waitFor();
    await expectAccessible();
    const other = await context.newPage();
    await other.goto(address);
    // Who is signed in already is not asked again.
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.locator(".picture").getByRole("button", { name: /^back/ }).click();
    await other.getByRole("button", { name: "Wi-Fi" }).click();
    await other.getByText("4 ms ± 3 ms, 0.5 % lost, 50 Mbit/s").first().waitFor();
    await other.close();
    await button("Apply the changes").click();
    await page.getByText("The simulation was changed meanwhile").waitFor();
    await expectAccessible();
    await button("Plan my changes again").click();
    await button("Apply the changes").click();
    await page.waitForURL(address);
    await inPicture("spare").getByText("Running").waitFor({ timeout: 60_000 });
  });

  it("can be built, looked into and broken with the keyboard alone", async () => {
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let count = 0; count < 60; count += 1) {
        await page.keyboard.press("Tab");
        if (name.test(String(await focusedText()))) return;
      }
      throw new Error(`Nothing that is called ${name} can be reached.`);
    };
    await page.goto(address);
    await page.getByText("Live", { exact: true }).waitFor();
    await tabTo(/^web /);
    await page.keyboard.press("Enter");
    expect(await focusedText()).toBe("web");
    await tabTo(/^Pause$/);
    await page.keyboard.press("Enter");
    await inPicture("web").getByText("Paused").waitFor();
    await expect.poll(focusedText).toBe("web");
    await tabTo(/^Resume$/);
    await page.keyboard.press("Enter");
    await inPicture("web")
      .getByText(/Running|Healthy/)
      .waitFor();
    await page.keyboard.press("Shift+Tab");
    await tabTo(/^Back to the picture$/);
    await page.keyboard.press("Enter");
    expect(await focusedText()).toMatch(/^web /);
  });

  it("say that they are not live while their host is away, and are live again by themselves", async () => {
    const pid = platform.pids["simHost"];
    if (pid === undefined) throw new Error("There is no simulation host.");
    process.kill(pid, "SIGKILL");
    await page.getByText("Reconnecting", { exact: true }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor({ timeout: 60_000 });
    await expect.poll(() => inPicture("web").textContent(), { timeout: 30_000 }).toMatch(/Running|Healthy/);
  });

  it("are stopped, and deleted after a question", async () => {
    await button("Stop").first().click();
    await page.locator(".head .badge").getByText("Stopped").waitFor({ timeout: 60_000 });
    expect(await focusedText()).toBe("Three-tier lab");
    await expectAccessible();
    await page.goto(`${platform.gateway}/simulations`);
    await page
      .getByRole("row", { name: /Three-tier lab/ })
      .getByText("Stopped")
      .waitFor();
    await page.getByText("0 of 1 running").waitFor();
    await expectAccessible();
    await page.getByRole("link", { name: "Three-tier lab" }).click();
    await button("Delete").first().click();
    await page.getByRole("dialog", { name: "Delete Three-tier lab?" }).waitFor();
    await page.keyboard.press("Escape");
    expect(await focusedText()).toBe("Delete");
    await page.keyboard.press("Enter");
    await button("Delete it").click();
    await page.waitForURL(`${platform.gateway}/simulations`);
    await page.goto(address);
    await page.getByText("There is no such simulation").waitFor();
    await expectAccessible();
  });

  it("are nobody's who has no tenant, and say so", async () => {
    const other = await browser.newContext();
    const strange = await other.newPage();
    await signIn(strange, platform.gateway, account("jane@initech.example"));
    await strange.getByRole("link", { name: "Simulations" }).click();
    await strange.getByText("Your organisation has no tenant yet").waitFor();
    await expectAccessible(strange);
    await strange.getByRole("link", { name: "Create a tenant" }).click();
    await strange.getByRole("heading", { name: "Create your tenant" }).waitFor();
    await other.close();
  });

  it("write no token into an address, and give the browser nothing to complain of", () => {
    const secrets = traffic.urls.filter((url) => /eyJ|ticket|token=/.test(url.replace(/\?code=.*$/, "")));
    expect(secrets).toEqual([]);
    // What the browser's own editing leaves in a line it replaces as a whole.
    expect(traffic.complaints.filter((text) => !text.startsWith("Applying inline style"))).toEqual([]);
  });
});
