import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askEngineVersion, isEngineAnswering } from "./engine-socket.ts";

let root = "";
let server: Server | undefined;

beforeEach(() => (root = mkdtempSync(join(tmpdir(), "engine-socket-"))));
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(root, { recursive: true, force: true });
});

const serve = async (listener: RequestListener): Promise<string> => {
  const socketPath = join(root, "docker.sock");
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(socketPath, resolve));
  return socketPath;
};

describe("a Docker engine's socket", () => {
  it("says which engine is behind it", async () => {
    const socketPath = await serve(({ url }, response) => {
      response.end(url === "/version" ? '{"Version":"20.10.24","ApiVersion":"1.41"}' : "OK");
    });
    expect(await askEngineVersion(socketPath)).toBe("20.10.24");
    expect(await isEngineAnswering(socketPath)).toBe(true);
  });

  it("is none where nobody is, or somebody else", async () => {
    expect(await askEngineVersion(join(root, "none.sock"))).toBeUndefined();
    const socketPath = await serve((_, response) => response.writeHead(404).end("{}"));
    expect(await askEngineVersion(socketPath)).toBeUndefined();
    expect(await isEngineAnswering(socketPath)).toBe(false);
  });

  it("is none where a web server answers everything with a page", async () => {
    const socketPath = await serve((_, response) => response.end("<html>"));
    expect(await askEngineVersion(socketPath)).toBeUndefined();
    expect(await isEngineAnswering(socketPath)).toBe(false);
  });

  it("is none where an answer does not end", async () => {
    const socketPath = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect(await askEngineVersion(socketPath)).toBeUndefined();
  });

  it("is not waited for longer than two seconds", async () => {
    const socketPath = await serve(() => undefined);
    const begin = performance.now();
    expect(await askEngineVersion(socketPath)).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
