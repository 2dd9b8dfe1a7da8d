import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { mintToken } from "./support/people.ts";
import { enter } from "./support/sessions.ts";

/** A program of somebody else's that keeps what it is sent, and answers everything with 200. */
interface Stranger {
  readonly heard: string[];
  close(): Promise<void>;
}

const occupy = async (port: number): Promise<Stranger> => {
  const heard: string[] = [];
  const server: Server = createServer((request, response) => {
    heard.push(`${request.method ?? ""} ${request.url ?? ""}`);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    heard,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
};

const portOf = (url: string | undefined): number => Number(new URL(url ?? "").port);

let dataDirectory: string;
beforeAll(async () => {
  dataDirectory = join(await mkdtemp(join(tmpdir(), "kombify-moved-")), "data");
});
afterAll(() => rm(join(dataDirectory, ".."), { recursive: true, force: true }));

const withPlatform = async <T>(use: (platform: RunningPlatform) => Promise<T>): Promise<T> => {
  const platform = await startPlatform({ dataDirectory });
  try {
    return await use(platform);
  } finally {
    await platform.stop();
  }
};

/** Launches and enters the Stack; the address people get must be the one of the gateway that runs now. */
const expectWorking = async ({ gateway, identityProvider }: RunningPlatform): Promise<void> => {
  const session = await enter(gateway, await mintToken(identityProvider, { email: "ada@acme.example" }));
  expect(session.tenant.instance.publicEndpoint).toContain(gateway);
};

const attemptsMax = 5;

/** A platform that was stopped, and strangers on its ports; once more if a neighbour among the tests was there first. */
const replaceByStrangers = async (): Promise<{ before: RunningPlatform; strangers: readonly Stranger[] }> => {
  for (let attempt = 1; ; attempt += 1) {
    const before = await withPlatform(async (platform) => {
      await expectWorking(platform);
      return platform;
    });
    const ports = [portOf(before.gateway), portOf(before.instances[0]?.internalEndpoint)];
    const taken = await Promise.allSettled(ports.map(occupy));
    const strangers = taken.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (strangers.length === ports.length) return { before, strangers };
    await Promise.all(strangers.map((stranger) => stranger.close()));
    if (attempt === attemptsMax) throw new Error("The platform's ports could not be taken.");
  }
};

test("whoever takes the platform's ports while it is down gets nothing that was meant for it, and nothing breaks", async () => {
  const { before, strangers } = await replaceByStrangers();
  try {
    await withPlatform(async (platform) => {
      expect(platform.gateway).not.toBe(before.gateway);
      await expectWorking(platform);
    });
    expect(strangers.flatMap(({ heard }) => heard)).toEqual([]);
  } finally {
    await Promise.all(strangers.map((stranger) => stranger.close()));
  }
  await withPlatform(expectWorking);
});
