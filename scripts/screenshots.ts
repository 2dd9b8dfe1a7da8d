import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

/**
 * Takes the README's pictures from a running platform: `node scripts/screenshots.ts <gateway URL>`. The journey of
 * `npm start` must have run there, because the pictures show Acme's tenant.
 */
const [gateway] = process.argv.slice(2);
if (gateway === undefined) throw new Error("Give the gateway's URL, as npm start prints it.");

const directory = "docs/images";
await mkdir(directory, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
try {
  const context = await browser.newContext({ viewport: { width: 1000, height: 860 } });
  const page = await context.newPage();
  await page.goto(`${gateway}/`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Email").fill("ada@acme.example");
  await page.getByLabel("Password").fill("acme-ada-dev");
  await page.keyboard.press("Enter");
  const open = page.getByRole("button", { name: "Open your Stack" });
  await open.waitFor();
  await page.screenshot({ path: `${directory}/console.png` });
  const kits = await context.newPage();
  await kits.goto(`${gateway}/kits/gitea`);
  await kits.getByRole("button", { name: "Sign in" }).click();
  await kits.locator(".cm-content").click();
  await kits.keyboard.press("ControlOrMeta+a");
  await kits.keyboard.insertText("# Our code\nname: Git Here\nports:\n  web: 3100\n  shh: 2200\n");
  await kits.getByRole("button", { name: "Repair" }).first().waitFor();
  await kits.getByRole("heading", { name: "Install it into your Stack" }).scrollIntoViewIfNeeded();
  await kits.evaluate(() => window.scrollBy(0, 300));
  await kits.screenshot({ path: `${directory}/kits.png` });
  await open.click();
  await page.getByText("nas-01").waitFor();
  await page.setViewportSize({ width: 1000, height: 860 });
  await page.screenshot({ path: `${directory}/stack.png` });
  const operator = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const admin = await operator.newPage();
  await admin.goto(`${gateway}/admin/sign-in`);
  await admin.getByLabel("Email").fill("olivia@kombify.example");
  await admin.getByLabel("Password").fill("kombify-olivia-dev");
  await admin.keyboard.press("Enter");
  await admin.getByText("Healthy", { exact: true }).waitFor();
  await admin.getByText("Live", { exact: true }).waitFor();
  await admin.screenshot({ path: `${directory}/dashboard.png` });
  await admin.emulateMedia({ colorScheme: "dark" });
  await admin.screenshot({ path: `${directory}/dashboard-dark.png` });
} finally {
  await browser.close();
}
