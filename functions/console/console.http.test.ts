import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpRequest, InvocationContext } from "@azure/functions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWeb } from "../../scripts/build-web.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { consoleHttp } from "./console.http.ts";

let directory: string;
let entries: readonly HttpFunction[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "console-http-"));
  await buildWeb(directory);
  await writeFile(join(directory, "console", "secret.js"), "not listed");
  entries = consoleHttp({
    assetsDirectory: join(directory, "console"),
    issuer: "https://id.kombify.test",
    clientId: "kombify-console",
    operatorOrgId: "operators",
  });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const call = async (name: string, path = "", headers: Record<string, string> = {}) => {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`There is no entry ${name}.`);
  const url = `http://localhost/console/${path}`;
  const request = new HttpRequest({ method: "GET", url, headers, params: { path } });
  const { status, headers: given, body } = await withErrorBoundary(entry)(request, new InvocationContext());
  return { status, headers: new Headers(given), body };
};

const bytesOf = (body: unknown): Buffer => {
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0);
};

describe("consoleHttp", () => {
  it.each(["console-home", "console-callback"])("serves the page under a strict policy at %s", async (name) => {
    const { status, headers, body } = await call(name);
    expect(status).toBe(200);
    expect(bytesOf(body).toString()).toContain("<title>kombify</title>");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("strict-origin");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; ");
    expect(policy).toContain("connect-src 'self' https://id.kombify.test;");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  });

  it("has nothing inline in its page", async () => {
    const page = await readFile(join(directory, "console", "index.html"), "utf8");
    expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
  });

  it("serves every asset of the page for a year, and says so when it is known already", async () => {
    for (const name of await readdir(join(directory, "console", "assets"))) {
      const asset = await call("console-files", `assets/${name}`);
      expect(asset.status).toBe(200);
      expect(bytesOf(asset.body)).toEqual(await readFile(join(directory, "console", "assets", name)));
      expect(asset.headers.get("cache-control")).toContain("immutable");
      const etag = asset.headers.get("etag") ?? "";
      const again = await call("console-files", `assets/${name}`, { "if-none-match": `"other", W/${etag}` });
      expect([again.status, bytesOf(again.body).length]).toEqual([304, 0]);
    }
  });

  it("tells the page where to sign in", async () => {
    const { status, body } = await call("console-files", "config.json");
    expect(status).toBe(200);
    expect(JSON.parse(bytesOf(body).toString())).toMatchObject({
      issuer: "https://id.kombify.test",
      clientId: "kombify-console",
    });
  });

  it.each([
    "secret.js",
    "files.json",
    "assets",
    "assets/",
    "../stack/index.html",
    "assets/../index.html",
    "/etc/passwd",
    "..%2f..%2fpackage.json",
    "__proto__",
    "constructor",
    "index.html\0.js",
  ])("serves nothing at %j, which the build did not list", async (path) => {
    expect((await call("console-files", path)).status).toBe(404);
  });

  describe.each([
    ["kits", "StackKits"],
    ["simulations", "Simulations"],
  ])("the page at /%s", (section, title) => {
    it.each(["", "gitea", "gitea/more", "assets"])("is served at %j below it, under the same policy", async (path) => {
      const { status, headers, body } = await call(`${section}-page`, path);
      expect([status, bytesOf(body).toString()]).toEqual([
        200,
        expect.stringContaining(`<title>${title} · kombify</title>`),
      ]);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
    });

    it.each(["assets/../index.html", "assets/../../console/index.html", "assets/none.js", "assets/"])(
      "has nothing at %j",
      async (path) => {
        expect((await call(`${section}-page`, path)).status).toBe(404);
      },
    );

    it("names assets that are there", async () => {
      const page = bytesOf((await call(`${section}-page`)).body).toString();
      const assets = [...page.matchAll(new RegExp(`"/${section}/(assets/[^"]+)"`, "g"))].map(([, path = ""]) => path);
      expect(assets.length).toBeGreaterThanOrEqual(3);
      for (const path of assets) expect((await call(`${section}-page`, path)).status).toBe(200);
    });
  });

  const sizesOf = async (page: string) => {
    const assets = join(directory, page, "assets");
    const sizes = await Promise.all(
      (await readdir(assets)).map(async (name) => [name, (await readFile(join(assets, name))).byteLength] as const),
    );
    return (start: string) => sizes.find(([name]) => name.startsWith(start) && name.endsWith(".js"))?.[1];
  };

  it("loads the catalogue's editor only when there is something to edit", async () => {
    const sizeOf = await sizesOf("kits");
    expect(sizeOf("main-")).toBeLessThan(40_000);
    expect(sizeOf("install-section-")).toBeLessThan(500_000);
  });

  it("loads the editor and the terminal of simulations only when somebody wants them", async () => {
    const sizeOf = await sizesOf("simulations");
    expect(sizeOf("main-")).toBeLessThan(65_000);
    expect(sizeOf("edit-page-")).toBeLessThan(500_000);
    expect(sizeOf("terminal-drawer-")).toBeLessThan(400_000);
  });

  it("keeps both scripts small", async () => {
    for (const [page, bytesMax] of [
      ["console", 40_000],
      ["stack", 80_000],
    ] as const) {
      const assets = join(directory, page, "assets");
      const [script = ""] = (await readdir(assets)).filter((name) => name.endsWith(".js"));
      expect((await readFile(join(assets, script))).byteLength).toBeLessThan(bytesMax);
    }
  });
});
