import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BundledApp, bundleApp } from "./fixtures/bundle-app.ts";
import { type FunctionsHost, startFunctionsHost } from "./server.ts";

describe("an HTTP app on the local Functions host", () => {
  let bundle: BundledApp;
  let dataDirectory: string;
  let host: FunctionsHost;
  const lines: string[] = [];

  beforeAll(async () => {
    bundle = await bundleApp("http-app.ts", {
      hostJson: { version: "2.0", functionTimeout: "00:00:01" },
      values: { FROM_FILE: "file", OVERRIDDEN: "file", "AzureWebJobs.switched-off.Disabled": "true" },
    });
    dataDirectory = await mkdtemp(path.join(tmpdir(), "functions-host-"));
    host = await startFunctionsHost({
      appDirectory: bundle.appDirectory,
      dataDirectory,
      settings: { OVERRIDDEN: "given", FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "1000" },
      keys: {
        master: "master",
        functionKeys: { kong: "any-function" },
        keysOfFunctions: { guarded: { own: "one-function" } },
      },
      writeLog: (line) => lines.push(line),
    });
  });
  afterAll(async () => {
    await host.stop();
    await bundle.remove();
    await rm(dataDirectory, { recursive: true });
  });

  const get = (route: string, init?: RequestInit): Promise<Response> => fetch(`${host.url}${route}`, init);

  /** Sends bytes as they are and reads until the server closes. */
  const raw = (request: string): Promise<string> => {
    const socket = connect(Number(new URL(host.url).port), "127.0.0.1");
    socket.end(request);
    return text(socket);
  };

  describe("requests", () => {
    it("passes method, URL, route values, query, headers and body", async () => {
      const response = await get("/api/ECHO/7/a%20b?x=1&x=2&y=", {
        method: "POST",
        body: "hällo",
        headers: { "x-test": "yes" },
      });
      expect(await response.json()).toEqual({
        method: "POST",
        url: `${host.url}/api/ECHO/7/a%20b?x=1&x=2&y=`,
        params: { id: "7", name: "a b" },
        query: { x: "1,2", y: "" },
        header: "yes",
        body: "hällo",
      });
    });

    it("leaves out an optional route value that is missing, and ignores a slash at the end", async () => {
      expect(await (await get("/api/echo/7/")).json()).toMatchObject({ params: { id: "7" } });
    });

    it("is not confused by a header and a query key called __proto__", async () => {
      const answer = await raw(
        "GET /api/echo/1?__proto__=q HTTP/1.1\r\nhost: x\r\n__proto__: h\r\nx-test: a\r\nx-test: b\r\nconnection: close\r\n\r\n",
      );
      expect(answer).toContain('"header":"a,b"');
      expect(answer).toContain('"query":{}');
    });

    it("drops a chunked body, as the real host does, and says so", async () => {
      const answer = await raw(
        "POST /api/echo/1 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      );
      expect(answer).toContain('"body":""');
      expect(lines.join("\n")).toContain('The chunked body of a request to "echo" was dropped');
    });

    it.each([
      ["GET", "/api/echo/not-a-number", 404],
      ["DELETE", "/api/echo/1", 404],
      ["HEAD", "/api/echo/1", 404],
      ["GET", "/echo/1", 404],
      ["GET", "/api/administration", 404],
      ["GET", "/api/switched-off", 404],
      ["GET", "/", 200],
    ])("answers %s %s with %i", async (method, route, status) => {
      expect((await get(route, { method })).status).toBe(status);
    });

    it("lets the master call a disabled function", async () => {
      expect((await get("/api/switched-off", { headers: { "x-functions-key": "master" } })).status).toBe(200);
    });

    it.each(["bad host", "a/b", "a@b"])("refuses the Host header %j", async (name) => {
      expect(await raw(`GET /api/echo/1 HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 400/,
      );
    });
  });

  describe("bodies", () => {
    it("passes bytes both ways unchanged, and counts them itself", async () => {
      const response = await get("/api/bytes", { method: "POST", body: new Uint8Array([0, 255, 128, 10]) });
      expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([10, 128, 255, 0]);
    });

    it.each([
      [1000, 200],
      [1001, 413],
    ])("answers a body of %i bytes with %i", async (size, status) => {
      expect((await get("/api/bytes", { method: "POST", body: new Uint8Array(size) })).status).toBe(status);
    });
  });

  describe("responses", () => {
    it.each([
      ["nothing", 204],
      ["empty", 200],
      ["no-content", 204],
      ["throwing", 500],
      ["not-an-object", 500],
      ["bad-cookie", 500],
      ["endless", 500],
    ])("answers %s with %i and no body", async (name, status) => {
      const response = await get(`/api/${name}`);
      expect([response.status, await response.text()]).toEqual([status, ""]);
      expect(response.headers.get("x-left")).toBeNull();
    });

    it("writes errors and time limits to the log", async () => {
      await get("/api/throwing");
      expect(lines.join("\n")).toMatch(/error Host: Executed 'throwing' \(Failed\): Error: secret detail/);
      expect(lines.join("\n")).toContain('Timeout value of 1 s exceeded by function "endless"');
    });

    it("sends every cookie in the form of ASP.NET", async () => {
      expect((await get("/api/cookies")).headers.getSetCookie()).toEqual([
        "plain=a%20b%3Bc; path=/",
        "full=1; expires=Wed, 02 Jan 2030 03:04:05 GMT; max-age=60; domain=example.org; path=/x; secure; samesite=lax; httponly",
        "cross=2; path=/; secure; samesite=none",
      ]);
    });
  });

  describe("settings", () => {
    it.each([
      ["FROM_FILE", "file"],
      ["OVERRIDDEN", "given"],
      ["FUNCTIONS_WORKER_RUNTIME", "node"],
    ])("shows the app %s = %s", async (name, value) => {
      expect(await (await get(`/api/settings?name=${name}`)).json()).toBe(value);
    });

    it("tells the app its own address", async () => {
      expect(await (await get("/api/settings?name=WEBSITE_HOSTNAME")).json()).toBe(new URL(host.url).host);
    });
  });

  describe("keys", () => {
    const presented = {
      none: {},
      wrong: { header: "wrong" },
      empty: { header: "" },
      "own key of guarded": { header: "one-function" },
      "host key": { header: "any-function" },
      "host key as code": { code: "any-function" },
      master: { header: "master" },
      "wrong header, right code": { header: "wrong", code: "any-function" },
    };
    const all = ["anonymous", "guarded", "guarded-too", "master-only"];
    const opens: Record<keyof typeof presented, readonly string[]> = {
      none: ["anonymous"],
      wrong: ["anonymous"],
      empty: ["anonymous"],
      "own key of guarded": ["anonymous", "guarded"],
      "host key": ["anonymous", "guarded", "guarded-too"],
      "host key as code": ["anonymous", "guarded", "guarded-too"],
      master: all,
      "wrong header, right code": ["anonymous"],
    };
    const cases = Object.entries(presented).flatMap(([name, key]) =>
      all.map((target) => ({
        name,
        key,
        target,
        status: opens[name as keyof typeof presented].includes(target) ? 200 : 401,
      })),
    );
    it.each(cases)("$name: $target answers $status", async ({ key, target, status }) => {
      const { header, code }: { header?: string; code?: string } = key;
      const query = code === undefined ? "" : `?code=${code}`;
      const headers = header === undefined ? undefined : { "x-functions-key": header };
      const response = await get(`/api/${target}${query}`, headers === undefined ? {} : { headers });
      expect(response.status).toBe(status);
      if (status === 401) expect(await response.text()).toBe("");
    });
  });

  describe("admin API", () => {
    const master = { "x-functions-key": "master" };

    it.each([
      ["GET", "/admin/host/ping", {}, 200],
      ["POST", "/admin/host/ping", {}, 200],
      ["GET", "/admin/host/status", {}, 401],
      ["GET", "/admin/host/status", { "x-functions-key": "any-function" }, 401],
      ["GET", "/admin/functions", {}, 401],
      ["GET", "/ADMIN/functions/Guarded", master, 200],
      ["GET", "/admin/functions/nobody", master, 404],
      ["GET", "/admin/functions/guarded/status", master, 200],
      ["GET", "/admin/functions/nobody/status", master, 404],
      ["DELETE", "/admin/functions/guarded", master, 404],
      ["POST", "/admin/functions/nobody", master, 404],
      ["GET", "/runtime/webhooks/durabletask/instances", master, 404],
      ["GET", "/runtime/webhooks/eventgrid", master, 404],
    ])("answers %s %s with %o: %i", async (method, route, headers, status) => {
      expect((await get(route, { method, headers })).status).toBe(status);
    });

    it("tells the state of the host and of functions in error", async () => {
      const status: unknown = await (await get("/admin/host/status", { headers: master })).json();
      expect(status).toMatchObject({
        state: "Running",
        errors: [
          "The 'reserved' function is in error: The specified route conflicts with one or more built in routes.",
        ],
      });
    });

    it("lists functions in name order with their addresses", async () => {
      const list: unknown = await (await get("/admin/functions", { headers: master })).json();
      const functions = list as { name: string; invoke_url_template: string; isDisabled: boolean }[];
      const names = functions.map(({ name }) => name);
      expect(names).toEqual([...names].sort());
      expect(functions.find(({ name }) => name === "echo")?.invoke_url_template).toBe(
        `${host.url}/api/echo/{id:int}/{name?}`,
      );
      expect(functions.filter(({ isDisabled }) => isDisabled).map(({ name }) => name)).toEqual(["switched-off"]);
    });
  });
});

describe("stopping the host", () => {
  it("lets a running request end and takes no more", async () => {
    const bundle = await bundleApp("http-app.ts");
    const dataDirectory = await mkdtemp(path.join(tmpdir(), "functions-host-"));
    const options = { appDirectory: bundle.appDirectory, dataDirectory, settings: {}, writeLog: () => undefined };
    const host = await startFunctionsHost(options);
    const running = fetch(`${host.url}/api/slow`);
    await fetch(`${host.url}/api/anonymous`);
    await host.stop();
    expect(await (await running).text()).toBe("at last");
    await expect(fetch(`${host.url}/api/anonymous`)).rejects.toThrow("fetch failed");
    await bundle.remove();
    await rm(dataDirectory, { recursive: true });
  });

  it("does not wait for ever", async () => {
    const bundle = await bundleApp("http-app.ts");
    const dataDirectory = await mkdtemp(path.join(tmpdir(), "functions-host-"));
    const options = { appDirectory: bundle.appDirectory, dataDirectory, settings: {}, writeLog: () => undefined };
    const host = await startFunctionsHost({ ...options, stopTimeoutMilliseconds: 50 });
    const cutOff = expect(fetch(`${host.url}/api/endless`)).rejects.toThrow("fetch failed");
    await fetch(`${host.url}/api/anonymous`);
    await host.stop();
    await cutOff;
    await bundle.remove();
    await rm(dataDirectory, { recursive: true });
  });
});
