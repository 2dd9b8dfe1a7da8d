import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { HttpRequest, InvocationContext } from "@azure/functions";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consoleHttp } from "../../functions/console/console.http.ts";
import { withErrorBoundary } from "../../functions/http/http-function.ts";
import { startGateway, type RunningGateway } from "../../local/gateway/gateway.ts";
import { buildWeb } from "../../scripts/build-web.ts";
import { startSimHost, terminalProtocol, type SimHost } from "../contracts/gateway-sim-host.ts";
import { hasBrowser, launchBrowser } from "./browser-page.ts";

const issuer = "https://id.kombify.test";

/** Serves the page as the Functions app does, with its own headers. */
const servePage = async (directory: string) => {
  const entries = consoleHttp({
    assetsDirectory: join(directory, "console"),
    issuer,
    clientId: "kombify-console",
    operatorOrgId: "operators",
  });
  const entry = entries.find(({ name }) => name === "simulations-page");
  if (entry === undefined) throw new Error("There is no page of simulations.");
  const answer = withErrorBoundary(entry);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://functions.internal");
    const path = pathname.replace(/^\/simulations\/?/, "");
    const question = new HttpRequest({ method: "GET", url: `http://functions.internal${pathname}`, params: { path } });
    void answer(question, new InvocationContext()).then(({ status, headers, body }) => {
      response.writeHead(status ?? 200, Object.fromEntries(new Headers(headers)));
      response.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return { server, url: `http://127.0.0.1:${address instanceof Object ? address.port : 0}` };
};

/** Opens a WebSocket in the page, says one thing, and gives what came of it. */
const talk = (page: Page, url: string, protocols: readonly string[]): Promise<string> =>
  page.evaluate(
    ([address, offered]) =>
      new Promise<string>((done) => {
        document.addEventListener("securitypolicyviolation", (event) => done(`refused by ${event.effectiveDirective}`));
        const socket = new WebSocket(address, [...offered]);
        socket.onopen = () => socket.send("hello");
        socket.onmessage = (event) => done(`${socket.protocol}: ${String(event.data)}`);
        socket.onclose = (event) => done(`closed with ${event.code}`);
      }),
    [url, protocols] as const,
  );

describe.skipIf(!hasBrowser)("a terminal's WebSocket in a real browser, under the policy of the page", () => {
  let directory: string;
  let functions: Awaited<ReturnType<typeof servePage>>;
  let simHost: SimHost;
  let gateway: RunningGateway;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kombify-simulations-"));
    await buildWeb(directory);
    functions = await servePage(directory);
    simHost = await startSimHost(0);
    gateway = await startGateway({
      port: 0,
      kongConfigFile: resolve(import.meta.dirname, "../../kong/kong.yml"),
      serviceUrls: { functions: functions.url, "sim-host": simHost.url },
      vault: {
        KOMBIFY_FUNCTIONS_KEY: "f",
        KOMBIFY_ISSUER: issuer,
        KOMBIFY_AUDIENCE: "a",
        KOMBIFY_JWKS_URI: `${issuer}/keys`,
        KOMBIFY_STACK_ZONE: "stacks.internal",
        KOMBIFY_SIM_HOST_KEY: "s",
      },
    });
    browser = await launchBrowser();
    page = await browser.newPage();
    const answer = await page.goto(`${gateway.url}/simulations`);
    const policy = answer?.headers()["content-security-policy"];
    expect(policy).toContain(`connect-src 'self' ${issuer};`);
    expect(await page.title()).toContain("kombify");
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    await simHost.close();
    await new Promise((done) => functions.server.close(done));
    await rm(directory, { recursive: true, force: true });
  });

  it("reaches the same origin, with its ticket in the subprotocol", async () => {
    const url = `${gateway.url.replace("http", "ws")}/v1/simulation-terminals/echo`;
    expect(await talk(page, url, [terminalProtocol, "ticket.abc"])).toBe(`${terminalProtocol}: hello`);
  });

  it("reaches no other one", async () => {
    const url = `${simHost.url.replace("http", "ws")}/v1/simulation-terminals/echo`;
    expect(await talk(page, url, [terminalProtocol, "ticket.abc"])).toBe("refused by connect-src");
  });

  it("learns only that it was refused when its ticket is no good", async () => {
    const url = `${gateway.url.replace("http", "ws")}/v1/simulation-terminals/refused`;
    expect(await talk(page, url, [terminalProtocol, "ticket.used"])).toBe("closed with 1006");
  });
});
