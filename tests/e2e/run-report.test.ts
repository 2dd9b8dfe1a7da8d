import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportPage } from "../../sim-host/runs/report/report-page.ts";
import { reportHeaders } from "../../sim-host/runs/report/report-style.ts";
import type { Assertion, TimelineEvent } from "../../sim-host/topology/topology.ts";
import { aRunHost, aRunningSimulation, aThreeTierLab } from "../support/run-host.ts";
import { aStanding } from "../support/sim-host.ts";
import { accessibilityFindings, fitsWidth, hasBrowser, launchBrowser, recordTraffic } from "./browser-page.ts";

const webIs = (expected: Assertion["expect"], from: number, until: number): Assertion => ({
  name: `web is reached ${expected} between ${from} s and ${until} s`,
  probe: { kind: "http", from: "client", to: "web", port: 8080, path: "/", status: 200 },
  ...{ expect: expected, fromSeconds: from, untilSeconds: until },
});
const timeline: readonly TimelineEvent[] = [
  { kind: "impair", link: "front", atSeconds: 5, forSeconds: 10, impairment: { lossPercent: 100 } },
  {
    kind: "impair",
    link: "front",
    from: "web",
    to: "client",
    atSeconds: 12,
    forSeconds: 20,
    impairment: { delayMilliseconds: 90 },
  },
  { kind: "link", link: "back", atSeconds: 20, forSeconds: 6, state: "down" },
  { kind: "node", node: "db", action: "kill", atSeconds: 38 },
  { kind: "node", node: "db", action: "start", atSeconds: 44 },
];
const assertions = [webIs("always", 0, 60), webIs("never", 5, 15), webIs("eventually", 5, 30), webIs("never", 30, 40)];

/** The page of a run that was played in memory, in which everything there is to show has happened. */
const aReport = async (): Promise<string> => {
  const host = aRunHost();
  const id = await aRunningSimulation(host, aThreeTierLab({ name: "Three-tier lab", timeline, assertions }));
  const { id: runId } = host.runs.start(aStanding("acme"), id);
  await host.time.playTo(61_000);
  const run = host.runs.get(aStanding("acme"), id, runId);
  const counters = { frames: 1_482, lost: 83, corrupted: 0, overflowed: 12 };
  return reportPage({ ...run, counters: [{ link: "front", from: "client", to: "web", ...counters }] });
};

describe.skipIf(!hasBrowser)("the report of a run, in a real browser", () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const page = await aReport();
    server = createServer(({ url }, response) => {
      if (url === "/") response.writeHead(200, reportHeaders).end(page);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const open = async (colorScheme: "light" | "dark", width: number, inspect: (page: Page) => Promise<void>) => {
    // The policy lets no script run, the accessibility checker's neither; what it refuses is looked at without that.
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: width !== 1_280,
    });
    const traffic = recordTraffic(context);
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await inspect(page);
    await context.close();
    return traffic;
  };

  it("is drawn under a policy that allows nothing but its own style, and asks for nothing else", async () => {
    const { complaints, urls } = await open("light", 1_280, async (page) => {
      expect(await page.locator("h1").textContent()).toBe("Three-tier lab");
      const box = await page.locator("svg.picture.broad").boundingBox();
      expect(box?.width).toBeGreaterThan(900);
    });
    expect(complaints).toEqual([]);
    expect(urls.filter((url) => !url.endsWith("/favicon.ico"))).toHaveLength(1);
  });

  it("has all of it in sight on a phone, without scrolling sideways", async () => {
    await open("light", 390, async (page) => {
      expect(await page.locator("svg.picture.broad").isVisible()).toBe(false);
      const outOfSight = await page.evaluate(() =>
        [...document.querySelectorAll(".scroll, .scroll td, .scroll th, .scroll svg.slim, .slim text")]
          .filter((one) => one.closest("thead") === null)
          .map(
            (one) => [one.textContent.trim(), one.getBoundingClientRect(), one.scrollWidth - one.clientWidth] as const,
          )
          .filter(([, { left, right }, hidden]) => left < 0 || right > innerWidth || hidden > 1)
          .map(([text]) => text),
      );
      expect(outOfSight).toEqual([]);
      const why = page.getByRole("region", { name: "Assertions" }).getByRole("cell").nth(2);
      expect(await why.textContent()).toContain("Not reached at 5 s");
    });
  });

  it.each([
    ["light", 1_100],
    ["dark", 1_100],
    ["light", 360],
  ] as const)("can be read by everybody, %s and %d pixels wide", async (scheme, width) => {
    await open(scheme, width, async (page) => {
      expect(await accessibilityFindings(page)).toEqual([]);
      expect(await fitsWidth(page)).toBe(true);
    });
  });
});
