import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { RunningPlatform } from "./platform.ts";
import { startPlatform } from "./platform.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintOperator, mintToken } from "./support/people.ts";
import type { PartName } from "./support/processes.ts";
import { eventually, partPid, pocketBasePids } from "./support/processes.ts";
import { enter } from "./support/sessions.ts";
import { killNow } from "./support/signals.ts";

type Victim = PartName | "stack";

/** A line of the journey, and who is killed then or so much later: in the middle of the step that follows the line. */
interface Kill {
  readonly at: RegExp;
  readonly victim: Victim;
  readonly laterMilliseconds?: number;
}

const pidOf = (dataDirectory: string, victim: Victim): number | undefined =>
  victim === "stack" ? pocketBasePids(dataDirectory)[0] : partPid(dataDirectory, victim);

/** Kills the part, or the successor of one that was killed a moment ago as soon as there is one. */
const kill = async (dataDirectory: string, { victim, laterMilliseconds = 0 }: Kill): Promise<void> => {
  if (laterMilliseconds > 0) await delay(laterMilliseconds);
  await eventually(`a process of ${victim} to kill`, 10_000, () => {
    const pid = pidOf(dataDirectory, victim);
    return Promise.resolve(pid !== undefined && killNow(pid) ? true : undefined);
  });
};

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "kombify-kill-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const TenantPage = z.object({ tenants: z.array(z.object({ slug: z.string(), status: z.string() })) });
const Fleet = z.object({
  instances: z.array(z.object({ id: z.string(), status: z.string(), currentTenants: z.number() })),
});
const Nodes = z.object({ items: z.array(z.looseObject({ name: z.string() })) });

/** Names of a tenant's nodes, as a person sees them who launches it afresh. */
const nodesOf = async ({ gateway, identityProvider }: RunningPlatform, email: string): Promise<readonly string[]> => {
  const { token, tenant } = await enter(gateway, await mintToken(identityProvider, { email }));
  const path = `${new URL(tenant.instance.publicEndpoint).pathname}/api/collections/nodes_${tenant.namespace}/records`;
  const answer = await send(gateway, { path, headers: { authorization: token } });
  return Nodes.parse(jsonOf(answer)).items.map(({ name }) => name);
};

/** Both tenants once, on one instance, with their data, and nothing left over of what was killed. */
const expectWhole = async (platform: RunningPlatform, dataDirectory: string): Promise<void> => {
  const token = await mintOperator(platform.identityProvider);
  const { tenants } = TenantPage.parse(jsonOf(await send(platform.gateway, { path: "/api/admin/tenants", token })));
  expect(tenants.map(({ slug, status }) => `${slug} ${status}`).sort()).toEqual(["acme active", "globex active"]);
  const { instances } = Fleet.parse(jsonOf(await send(platform.gateway, { path: "/api/admin/instances", token })));
  expect(instances).toMatchObject([{ status: "active", currentTenants: 2 }]);
  expect(await nodesOf(platform, "ada@acme.example")).toEqual(["nas-01"]);
  expect(await nodesOf(platform, "gina@globex.example")).toEqual(["router-01"]);
  await eventually("one PocketBase and no more", 10_000, () =>
    Promise.resolve(pocketBasePids(dataDirectory).length === 1 ? true : undefined),
  );
};

const runKilled = async (name: string, kills: readonly Kill[]): Promise<string> => {
  const dataDirectory = join(root, name);
  const open = [...kills];
  const killed: Promise<void>[] = [];
  const platform = await startPlatform({
    dataDirectory,
    onLine: (line) => {
      const [next] = open;
      if (next?.at.test(line) !== true) return;
      open.shift();
      killed.push(kill(dataDirectory, next));
    },
  });
  try {
    await Promise.all(killed);
    expect(open).toEqual([]);
    await expectWhole(platform, dataDirectory);
    return platform.progress();
  } finally {
    await platform.stop();
  }
};

const after = {
  operator: /The operator signs in/,
  instance: /provisions a Stack instance/,
  acmeSignIn: /Acme's member signs in/,
  acme: /provisions the tenant acme/,
  acmeNode: /writes a node and reads it back/,
  globexSignIn: /Globex's member signs in/,
  globex: /provisions the tenant globex/,
  globexNode: /writes a node of its own/,
};

test.each<{ name: string; kills: readonly Kill[] }>([
  {
    name: "functions",
    kills: [
      { at: after.operator, victim: "functions", laterMilliseconds: 1500 },
      { at: after.instance, victim: "functions" },
      { at: after.acmeSignIn, victim: "functions" },
      { at: after.globexSignIn, victim: "functions", laterMilliseconds: 100 },
      { at: after.globex, victim: "functions" },
    ],
  },
  {
    name: "stack",
    kills: [
      { at: after.acmeSignIn, victim: "stack" },
      { at: after.acme, victim: "stack" },
      { at: after.globexSignIn, victim: "stack" },
    ],
  },
  {
    name: "resourceManager",
    kills: [
      { at: after.operator, victim: "resourceManager", laterMilliseconds: 1000 },
      { at: after.acme, victim: "resourceManager" },
    ],
  },
  {
    name: "gateway, identityProvider and storage",
    kills: [
      { at: after.operator, victim: "storage" },
      { at: after.instance, victim: "identityProvider" },
      { at: after.acmeSignIn, victim: "gateway" },
      { at: after.acmeNode, victim: "identityProvider" },
      { at: after.globexSignIn, victim: "storage" },
      { at: after.globexNode, victim: "gateway" },
    ],
  },
])(
  "$name killed during the journey: it completes, with nothing lost and nothing left over",
  async ({ name, kills }) => {
    const folder = name.replaceAll(/\W+/g, "-");
    const progress = await runKilled(folder, kills);
    const restarts = progress.match(/ended \(SIGKILL\); starting it again/g) ?? [];
    expect(restarts).toHaveLength(kills.filter(({ victim }) => victim !== "stack").length);
    expect(pocketBasePids(join(root, folder))).toEqual([]);
  },
);
