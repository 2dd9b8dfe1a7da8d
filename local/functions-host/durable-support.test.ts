import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BundledApp, bundleApp } from "./fixtures/bundle-app.ts";
import { type FunctionsHost, startFunctionsHost } from "./server.ts";

describe("a durable app behind the host", () => {
  let bundle: BundledApp;
  let dataDirectory: string;
  let host: FunctionsHost;
  let statusUrl: string;

  beforeAll(async () => {
    bundle = await bundleApp("durable-http-app.ts", {
      hostJson: { version: "2.0", extensions: { http: { routePrefix: "" }, durableTask: { hubName: "hub" } } },
    });
    dataDirectory = await mkdtemp(path.join(tmpdir(), "functions-host-"));
    host = await startFunctionsHost({
      appDirectory: bundle.appDirectory,
      dataDirectory,
      settings: {},
      keys: { master: "master", functionKeys: { kong: "function-key" } },
      writeLog: () => undefined,
    });
    const init = { method: "POST", body: "you", headers: { "x-functions-key": "function-key" } };
    const response = await fetch(`${host.url}/start`, init);
    expect(response.status).toBe(202);
    statusUrl = response.headers.get("location") ?? "";
  });
  afterAll(async () => {
    await host.stop();
    await bundle.remove();
    await rm(dataDirectory, { recursive: true });
  });

  it("gives HTTP functions a durable client whose links work", async () => {
    expect(statusUrl).toMatch(new RegExp(`^${host.url}/runtime/webhooks/durabletask/instances/[0-9a-f]+\\?`));
    await vi.waitFor(
      async () => {
        const status: unknown = await (await fetch(statusUrl)).json();
        expect(status).toMatchObject({ runtimeStatus: "Completed", output: "Hello YOU" });
      },
      { timeout: 10_000 },
    );
  });

  it.each([
    ["the system key of the link", undefined, undefined, 200],
    ["the master key", "master", undefined, 200],
    ["a function key", "function-key", undefined, 401],
    ["a wrong code", undefined, "wrong", 401],
    ["no key", undefined, "", 401],
  ])("lets %s answer a status request with the right status", async (_name, header, code, status) => {
    const url = new URL(statusUrl);
    if (code !== undefined) url.searchParams.set("code", code);
    const headers = header === undefined ? undefined : { "x-functions-key": header };
    await vi.waitFor(async () => {
      const response = await fetch(url, headers === undefined ? {} : { headers });
      expect(response.status).toBe(status);
    });
  });

  it("does not take the system key for a function key", async () => {
    const systemKey = new URL(statusUrl).searchParams.get("code") ?? "";
    const init = { method: "POST", body: "me", headers: { "x-functions-key": systemKey } };
    expect((await fetch(`${host.url}/start`, init)).status).toBe(401);
  });
});
