import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ociImageDigests } from "../adapters/oci/image-digests.ts";
import { pinImages } from "./pin-images.ts";

const manifest = JSON.stringify({ schemaVersion: 2, manifests: [] });
const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;

let server: Server;
let host: string;
let asked: string[];
let isSilent: boolean;

/** A registry with a token service, as the distribution specification has them. */
const answer = (request: IncomingMessage, response: ServerResponse): void => {
  const { url = "", method = "", headers } = request;
  asked.push(`${method} ${url}`);
  if (url.startsWith("/token?")) {
    response.end(JSON.stringify({ token: "a-token" }));
    return;
  }
  if (headers.authorization !== "Bearer a-token") {
    response.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token",service="registry"` }).end();
    return;
  }
  const isKnown = url === "/v2/tools/web/manifests/1.2.3" && (headers.accept ?? "").includes("image.index");
  response.writeHead(isKnown ? 200 : 404, isKnown && !isSilent ? { "docker-content-digest": digest } : {});
  response.end(method === "GET" ? manifest : undefined);
};

beforeEach(async () => {
  asked = [];
  isSilent = false;
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

const filesOf = (compose: string) =>
  new Map([
    ["kit.yaml", Buffer.from(`services:\n  - name: web\n    image: ${host}/tools/web:1.2.3\n`)],
    ["docker-compose.yaml", Buffer.from(compose)],
  ]);
const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string) => Buffer.from(files.get(path) ?? []).toString();

describe("pinning images at a registry over HTTP", () => {
  test("writes the registry's digest into both files, and leaves comments and quotes alone", async () => {
    const result = await pinImages(
      filesOf(`services:\n  web:\n    image: "${host}/tools/web:1.2.3" # mine\n`),
      ociImageDigests,
    );
    const pinned = `${host}/tools/web:1.2.3@${digest}`;
    expect(result.pinned).toEqual([{ image: `${host}/tools/web:1.2.3`, digest }]);
    expect(textOf(result.files, "kit.yaml")).toContain(`    image: ${pinned}\n`);
    expect(textOf(result.files, "docker-compose.yaml")).toContain(`    image: "${pinned}" # mine\n`);
    expect(asked).toContain("GET /token?service=registry&scope=repository%3Atools%2Fweb%3Apull");
    asked = [];
    const again = await pinImages(result.files, ociImageDigests);
    expect([again.pinned, again.files, asked]).toEqual([[], result.files, []]);
  });

  test("computes what the registry does not say", async () => {
    isSilent = true;
    expect(await ociImageDigests(`${host}/tools/web`, "1.2.3")).toBe(digest);
  });

  test("makes nothing up: what is not found or not reached stays as it is, and is said", async () => {
    const gone = "127.0.0.1:9/tools/web:1.2.3";
    const files = filesOf(`services:\n  a:\n    image: ${host}/tools/other:1.0.0\n  b:\n    image: ${gone}\n`);
    const result = await pinImages(files, ociImageDigests);
    expect(result.failed).toEqual([
      { image: `${host}/tools/other:1.0.0`, reason: expect.stringContaining("answered 404") as string },
      { image: gone, reason: expect.stringContaining("127.0.0.1:9 cannot be reached") as string },
    ]);
    expect(textOf(result.files, "docker-compose.yaml")).toBe(textOf(files, "docker-compose.yaml"));
    expect(result.pinned).toHaveLength(1);
  });

  test("sends nothing to a token service that is neither encrypted nor on this machine", async () => {
    server.removeAllListeners("request").on("request", (_request, response: ServerResponse) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="http://tokens.example/",service="x"` }).end();
    });
    await expect(ociImageDigests(`${host}/tools/web`, "1.2.3")).rejects.toThrow("the registry answered 401");
  });
});
