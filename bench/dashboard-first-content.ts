import type { Page } from "playwright-core";
import { chromium } from "playwright-core";
import { seededAccounts } from "../local/identity-provider/seed.ts";
import type { BenchPlatform } from "./bench-platform.ts";
import type { Pair } from "./harness.ts";

const executablePath = "/usr/bin/chromium";

/** Milliseconds from asking for the page until the browser paints the first of its content. */
const firstContent = async (page: Page, url: string): Promise<number> => {
  await page.goto(url, { waitUntil: "load" });
  return page.evaluate<number>(`new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const painted = list.getEntriesByName("first-contentful-paint")[0];
      if (painted !== undefined) resolve(painted.startTime);
    }).observe({ type: "paint", buffered: true });
  })`);
};

const signIn = async (page: Page, gatewayUrl: string): Promise<void> => {
  const [operator] = seededAccounts;
  if (operator === undefined) throw new Error("Nobody is seeded.");
  await page.goto(`${gatewayUrl}/admin/sign-in`);
  await page.getByLabel("Email").fill(operator.email);
  await page.getByLabel("Password").fill(operator.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
};

/**
 * The first content an operator sees of `/admin`, against that of a static page: the console's own, whose markup is a
 * file. Both through the same gateway and Functions host, in the same browser with the same warm cache. Included is what
 * the dashboard does on each request: open the session, verify the token, read the fleet, write the page.
 */
export const dashboardFirstContent = (platform: BenchPlatform): Pair => ({
  name: "dashboard's first content",
  bound: { kind: "ratio", max: 1.5 },
  measured: "GET /admin",
  baseline: "a static page",
  rounds: 25,
  warmUp: 3,
  open: async () => {
    const { gatewayUrl } = platform;
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    });
    const page = await browser.newPage();
    await signIn(page, gatewayUrl);
    return {
      measure: () => firstContent(page, `${gatewayUrl}/admin`),
      compare: () => firstContent(page, `${gatewayUrl}/`),
      close: () => browser.close(),
    };
  },
});
