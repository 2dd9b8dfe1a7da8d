import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpRequest, InvocationContext } from "@azure/functions";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { consoleHttp } from "../../functions/console/console.http.ts";
import { withErrorBoundary } from "../../functions/http/http-function.ts";
import { buildWeb } from "../../scripts/build-web.ts";
import { operationView } from "../../shared/operations/operation.ts";
import type { Operation } from "../../shared/operations/operation.ts";
import { tenantView } from "../../shared/tenants/tenant.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { newTenantOperation } from "../../shared/tenants/tenant-operation.ts";
import { accessibilityFindings, hasBrowser, launchBrowser } from "./browser-page.ts";

// States of the platform that are rare or over in a moment: the console is served by its own function, the API's answers
// are the views of the real nouns.

interface Answer {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const now = new Date("2026-01-01T12:00:00Z");
const begun = newTenantOperation({ id: "op-1", orgId: "101", tenantId: "tenant1" }, now);
const operation = (change: Partial<Operation>): unknown => operationView({ ...begun, ...change });

const tenant = (status: Tenant["status"]): unknown =>
  tenantView({
    id: "tenant",
    type: "tenant",
    tenantId: "tenant1",
    orgId: "101",
    slug: "acme",
    namespace: "acme",
    name: "Acme",
    plan: "pro",
    status,
    suspendedBy: [],
    placement: null,
    operationId: "op-1",
    idempotency: null,
    createdBy: "1",
    createdAt: now.toISOString(),
    sortKey: "1",
  });

const session = {
  accessToken: "token",
  expiresAtEpochSeconds: 4_000_000_000,
  person: {
    name: "Ada Archer",
    email: "ada@acme.test",
    organisation: "Acme",
    isAdministrator: true,
    isOperator: true,
  },
};

let directory: string;
let server: Server;
let browser: Browser;
let page: Page;
let answers: Map<string, Answer>;
let asked: string[];

const servePage = async (): Promise<string> => {
  await buildWeb(directory);
  const entries = consoleHttp({
    assetsDirectory: join(directory, "console"),
    issuer: "http://localhost:1",
    clientId: "console",
    operatorOrgId: "operators",
  });
  const answerPage = async (pathname: string, response: ServerResponse): Promise<void> => {
    const path = pathname.replace(/^\/console\//, "");
    const entry = entries.find(({ name }) => name === (path === "/" ? "console-home" : "console-files"));
    if (entry === undefined) throw new Error("The console has no such entry.");
    const call = new HttpRequest({ method: "GET", url: `http://localhost${pathname}`, params: { path } });
    const { status = 200, headers, body } = await withErrorBoundary(entry)(call, new InvocationContext());
    response.writeHead(status, headers as Record<string, string>).end(body);
  };
  server = createServer((request, response) => {
    void answerPage(new URL(request.url ?? "/", "http://localhost").pathname, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `http://127.0.0.1:${address.port}/`;
};

const heading = (name: string) => page.getByRole("heading", { level: 1, name });
const answer = (path: string, body: unknown, rest: Omit<Answer, "body"> = {}) => answers.set(path, { ...rest, body });

describe.skipIf(!hasBrowser)("the console in every state", () => {
  let address: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "browser-states-"));
    [address, browser] = await Promise.all([servePage(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    answers = new Map();
    asked = [];
    answer("GET /api/admin/instances", { code: "forbidden" }, { status: 403 });
    const context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    await context.addInitScript(
      `sessionStorage.setItem("kombify.session", ${JSON.stringify(JSON.stringify(session))})`,
    );
    page = await context.newPage();
    await page.route("**/api/**", (route) => {
      const call = `${route.request().method()} ${new URL(route.request().url()).pathname}`;
      asked.push(call);
      const {
        status = 200,
        body,
        headers = {},
      } = answers.get(call) ?? { status: 404, body: { code: "tenant-not-found" } };
      return route.fulfill({ status, headers, contentType: "application/json", body: JSON.stringify(body) });
    });
  });
  afterEach(() => page.context().close());

  it("shows the steps while it waits, and cancels", async () => {
    answer("GET /api/tenant", tenant("waiting"));
    answer("GET /api/operations/op-1", operation({ status: "waiting" }));
    await page.goto(address);
    await heading("Setting up Acme").waitFor();
    await page.getByText("another one is being started").waitFor();
    expect(await page.getByRole("listitem").allTextContents()).toEqual([
      "Reserve the name: done",
      "Find a place on a Stack: to do",
      "Set up your own collections: to do",
      "Switch it on: to do",
    ]);
    expect(await page.getByRole("status").textContent()).toBe("1 of 4 steps done: Find a place on a Stack.");
    expect(await accessibilityFindings(page)).toEqual([]);
    answer("POST /api/operations/op-1/cancel", operation({ status: "cancelled" }));
    answer("GET /api/tenant", tenant("cancelled"));
    await page.getByRole("button", { name: "Cancel" }).click();
    await heading("Create your tenant").waitFor();
    await page.getByText("You can start again.").waitFor();
    expect(asked).toContain("POST /api/operations/op-1/cancel");
  });

  it("goes on by itself when the tenant is ready, and outlasts a failure on the way", async () => {
    answer("GET /api/tenant", tenant("provisioning"));
    answer("GET /api/operations/op-1", { code: "unavailable", detail: "Resting." }, { status: 503 });
    await page.goto(address);
    await page.getByText("Resting. Please try again.").waitFor();
    answer("GET /api/operations/op-1", operation({ status: "succeeded" }));
    answer("GET /api/tenant", tenant("active"));
    await heading("Acme").waitFor();
    await page.getByRole("button", { name: "Open your Stack" }).waitFor();
    expect(await heading("Acme").evaluate((title) => title === document.activeElement)).toBe(true);
  });

  it("says what failed and starts again", async () => {
    answer("GET /api/tenant", tenant("failed"));
    const error = { code: "stack-unavailable", detail: "No Stack answered in time." };
    answer("GET /api/operations/op-1", operation({ status: "failed", error }));
    await page.goto(address);
    await page.getByText("No Stack answered in time.").waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    answer("POST /api/operations/op-1/retry", operation({ id: "op-2", status: "running" }), { status: 202 });
    answer("GET /api/tenant", tenant("active"));
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("button", { name: "Open your Stack" }).waitFor();
    expect(asked).toContain("POST /api/operations/op-1/retry");
  });

  it("says that a suspended tenant is paused, and offers no door", async () => {
    answer("GET /api/tenant", tenant("suspended"));
    await page.goto(address);
    await page.getByText("Access is paused for everybody").waitFor();
    expect(await page.getByRole("button", { name: "Open your Stack" }).count()).toBe(0);
    expect(await accessibilityFindings(page)).toEqual([]);
  });

  it("says when to try again and under which id the failure is known, and then goes on", async () => {
    const problem = { code: "unavailable", detail: "The documents cannot be reached.", requestId: "req-77" };
    answer("GET /api/tenant", problem, { status: 503, headers: { "retry-after": "5" } });
    await page.goto(address);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("The documents cannot be reached. Please try again in 5 seconds.");
    expect(await alert.textContent()).toContain("req-77");
    answer("GET /api/tenant", tenant("active"));
    await page.getByRole("button", { name: "Try again" }).click();
    await heading("Acme").waitFor();
  });

  it("leads to the sign-in when the session has ended, and keeps no token", async () => {
    answer("GET /api/tenant", { code: "unauthenticated", detail: "Expired." }, { status: 401 });
    await page.goto(address);
    await page.getByText("Your sign-in has ended.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("sends the launch token to no other origin", async () => {
    answer("GET /api/tenant", tenant("active"));
    answer("POST /api/tenant/launch", { redirectUrl: "https://evil.test/exchange", token: "secret" });
    await page.goto(address);
    await page.getByRole("button", { name: "Open your Stack" }).click();
    await page.getByText("Please open the console at https://evil.test").waitFor();
    expect(page.url()).toBe(address);
  });

  it("shows text of others as text", async () => {
    const name = `<img src=x onerror="document.title='owned'">`;
    answer("GET /api/tenant", { ...(tenant("active") as object), name });
    await page.goto(address);
    await heading(name).waitFor();
    expect(await page.locator("main img").count()).toBe(0);
  });

  it("shows operators the instances, and says without scripts what is missing", async () => {
    const instance = { id: "stack-1", region: "westeurope", deploymentMode: "SHARED", status: "active" };
    const instances = [{ ...instance, currentTenants: 2, maxTenants: 50, version: null }];
    answer("GET /api/admin/instances", { instances });
    await page.goto(address);
    await page.getByRole("row", { name: "stack-1 active 2 of 50 westeurope shared" }).waitFor();
    expect(await accessibilityFindings(page)).toEqual([]);
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const still = await plain.newPage();
    await still.goto(address);
    expect(await still.locator("main").innerText()).toContain("This page needs JavaScript");
    await plain.close();
  });
});
