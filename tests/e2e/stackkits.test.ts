import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { sha256Of } from "../../shared/stackkits/sign-archive.ts";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintToken } from "./support/people.ts";

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

let platform: RunningPlatform;
let directory: string;
let token: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-kits-"));
  platform = await startPlatform();
  token = await mintToken(platform.identityProvider, { email: "ada@acme.example" });
});
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
});

const ask = (path: string, headers = {}) => send(platform.gateway, { path, token, headers });

const run = async (command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const env = { PATH: process.env["PATH"], ...environment };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, notes] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, notes, code: child.exitCode };
};

const kombify = (...args: readonly string[]) =>
  run(process.execPath, ["cli/main.mjs", ...args], { KOMBIFY_URL: platform.gateway, KOMBIFY_TOKEN: token });

const Kit = z.object({ versions: z.array(z.object({ sha256: z.string(), sizeBytes: z.number() })) });

const fetchTo = async (path: string, file: string): Promise<string> => {
  const answer = await fetch(`${platform.gateway}${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
  return file;
};

describe("downloading", () => {
  it("is resumed by curl to the right digest", async ({ skip }) => {
    skip(!hasCurl, "curl is not installed");
    const { versions } = Kit.parse(jsonOf(await ask("/v1/stackkits/gitea")));
    const file = join(directory, "resumed.tar.gz");
    const url = `${platform.gateway}/v1/stackkits/gitea/download`;
    const download = ["--silent", "--fail", "--header", `authorization: Bearer ${token}`, "--output", file, url];
    expect((await run("curl", download)).code).toBe(0);
    // As if the line had broken in the middle.
    await truncate(file, Math.floor((versions[0]?.sizeBytes ?? 0) / 2));
    const resumed = await run("curl", ["--continue-at", "-", "--write-out", "%{http_code}", ...download]);
    expect(resumed).toMatchObject({ code: 0, out: "206" });
    expect(sha256Of(await readFile(file))).toBe(versions[0]?.sha256);
  });

  it("answers conditions and ranges as RFC 9110 says", async () => {
    const path = "/v1/stackkits/gitea/download";
    const { versions } = Kit.parse(jsonOf(await ask("/v1/stackkits/gitea")));
    const etag = (await ask(path)).headers.etag ?? "";
    expect((await ask(path, { "if-none-match": etag })).status).toBe(304);
    expect((await ask(path, { range: "bytes=0-9", "if-range": etag })).status).toBe(206);
    expect((await ask(path, { range: "bytes=0-9", "if-range": '"other"' })).status).toBe(200);
    const beyond = await ask(path, { range: "bytes=9999999-" });
    expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, `bytes */${versions[0]?.sizeBytes ?? 0}`]);
    expectProblem(await ask("/v1/stackkits/none/download"), 404, "kit-not-found");
    expectProblem(await ask(`${path}?version=9.9.9`), 404, "kit-not-found");
  });
});

describe("verifying", () => {
  it("says yes to what was downloaded, and no when one byte of it is another", async () => {
    const file = await fetchTo("/v1/stackkits/gitea/download", join(directory, "gitea.tar.gz"));
    const good = await kombify("kits", "verify", file);
    expect([good.code, good.out]).toEqual([0, expect.stringContaining("gitea 1.0.0 is what its publisher signed")]);
    const bytes = await readFile(file);
    // Byte 4 of a gzip file is of its time, which nothing that unpacks it looks at.
    bytes[4] = (bytes[4] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const bad = await kombify("kits", "verify", file, "--json");
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ id: "gitea", isVerified: false });
    expect(bad.notes).toContain("is not what was signed as gitea 1.0.0");
  });
});

describe("the plan", () => {
  const path = "/v1/stackkits/nextcloud/download";
  const Checkout = z.object({ url: z.string() });

  it("is asked of our own store: a pro kit is listed and refused, whatever a header says", async () => {
    const listed = await ask("/v1/stackkits?q=nextcloud");
    expect(jsonOf(listed)).toMatchObject({ kits: [{ id: "nextcloud", minPlan: "pro", requiredPlan: "pro" }] });
    const refused = expectProblem(await ask(path), 403, "plan-required");
    expect(refused).toMatchObject({ requiredPlan: "pro", upgradeUrl: `${platform.gateway}/` });
    for (const name of ["x-kombify-plan", "x-user-plan", "x-tenant-plan"]) {
      expect((await ask(path, { [name]: "enterprise" })).status).toBe(403);
    }
    const dry = { method: "POST" as const, path: "/v1/stackkits/nextcloud/install?dryRun=true", token, json: {} };
    expectProblem(await send(platform.gateway, dry), 403, "plan-required");
  });

  it("is upgraded through billing, and the kit is there at once", async () => {
    const answer = await send(platform.gateway, {
      ...{ path: "/api/billing/checkout", token, headers: { "idempotency-key": randomUUID() } },
      json: { plan: "pro", interval: "month" },
    });
    const { url } = Checkout.parse(jsonOf(answer));
    const body = new URLSearchParams({ action: "pay" });
    expect((await fetch(url, { method: "POST", body, redirect: "manual" })).status).toBe(303);
    await expect.poll(async () => (await ask(path)).status, { timeout: 20_000, interval: 200 }).toBe(200);
    expect(jsonOf(await ask("/v1/stackkits?q=nextcloud"))).toMatchObject({ kits: [{ requiredPlan: null }] });
  });
});

describe("installing at the same moment", () => {
  it("gives each port to one installation only", async () => {
    const install = (name: string) =>
      send(platform.gateway, { path: "/v1/stackkits/freshrss/install", token, json: { name } });
    const answers = await Promise.all(["one", "two", "three", "four", "five", "six"].map(install));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([201, 422, 422, 422, 422, 422]);
    const refused = answers.find(({ status }) => status === 422);
    expect(refused?.text).toContain("spec/port-taken");
  });
});
