import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findPocketBase } from "../../local/pocketbase/find-pocketbase.ts";
import { freePort } from "../../local/process/free-port.ts";
import { isPocketBaseHealthy, pocketBaseEnvironment } from "../../local/process/pocketbase-process.ts";
import { waitUntil } from "../../local/process/wait-until.ts";
import { buildWeb } from "../../scripts/build-web.ts";
import { hooksDirectory } from "./support/stack-instance.ts";

const dockerfile = readFileSync(
  fileURLToPath(new URL("../../infra/stack-instance/Dockerfile", import.meta.url)),
  "utf8",
);

/** The image's own command line, with the image's places put where they are on this machine. */
const commandOf = (places: Readonly<Record<string, string>>): readonly string[] =>
  (JSON.parse(/^CMD (\[.*\])$/mu.exec(dockerfile)![1]!) as readonly string[]).map((word) => {
    const [flag, value] = word.split("=");
    return value !== undefined && value in places ? `${flag!}=${places[value]!}` : word;
  });

const root = mkdtempSync(join(tmpdir(), "stack-image-"));
let url: string;
let stop: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await buildWeb(join(root, "web"));
  const command = commandOf({
    "0.0.0.0:8090": `127.0.0.1:${port}`,
    "/pb_data": join(root, "pb_data"),
    "/opt/kombify/pb_hooks": hooksDirectory,
    "/opt/kombify/pb_public": join(root, "web/stack"),
    "/opt/kombify/pb_migrations": join(root, "pb_migrations"),
  });
  expect(command.filter((word) => word.includes("/opt/kombify"))).toEqual([]);
  const { path } = await findPocketBase();
  const server = spawn(path, command, { cwd: root, stdio: "ignore", env: { ...pocketBaseEnvironment() } });
  const ended = once(server, "exit");
  stop = async () => {
    server.kill("SIGTERM");
    await ended;
  };
  expect(await waitUntil(() => isPocketBaseHealthy(url), 20_000)).toBe(true);
});

afterAll(async () => {
  await stop();
  rmSync(root, { recursive: true, force: true });
});

it("serves health with the image's command line", async () => {
  const response = await fetch(`${url}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: "healthy", version: "unversioned" });
  expect((await fetch(`${url}/ready`)).status).toBe(503);
});

it("serves the Stack's page with the image's command line", async () => {
  const response = await fetch(`${url}/`);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("<!doctype html>");
});
