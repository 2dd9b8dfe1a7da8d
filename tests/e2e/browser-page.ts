import { existsSync } from "node:fs";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** False where there is no Chromium; `npm test` installs it where it can (scripts/install-browser.ts). */
export const hasBrowser = existsSync(executablePath);

/** Without sandbox, because tests also run as root; without what the browser would fetch for itself. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** Signs in on the real sign-in page, and ends on the console. */
export const signIn = async (page: Page, gateway: string, { email, password }: Person): Promise<void> => {
  await page.goto(`${gateway}/`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
};

export interface Traffic {
  /** Every address asked for, redirects included. */
  readonly urls: string[];
  readonly referrers: string[];
  /** What the pages complained about: refused by policy, failed scripts. */
  readonly complaints: string[];
}

export const recordTraffic = (context: BrowserContext): Traffic => {
  const traffic: Traffic = { urls: [], referrers: [], complaints: [] };
  context.on("request", (request) => {
    traffic.urls.push(request.url());
    const referrer = request.headers()["referer"];
    if (referrer !== undefined) traffic.referrers.push(referrer);
  });
  context.on("weberror", (error) => traffic.complaints.push(error.error().message));
  context.on("console", (message) => {
    // An answer the page deals with itself is logged by the browser all the same.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      traffic.complaints.push(message.text());
    }
  });
  return traffic;
};

/** Addresses in this tab's history, as the back button would find them. */
export const historyOf = async (page: Page): Promise<readonly string[]> => {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  await session.detach();
  return entries.map(({ url }) => url);
};

/** What axe-core finds against WCAG 2.2 AA and its best practices, as `rule: selector`. */
export const accessibilityFindings = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`axe
    .run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target)))`);
};

/** True when nothing is wider than the window, so that nobody has to scroll sideways to read. */
export const fitsWidth = (page: Page): Promise<boolean> =>
  page.evaluate("document.documentElement.scrollWidth <= window.innerWidth");
