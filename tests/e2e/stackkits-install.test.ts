import { afterAll, beforeAll, expect, test } from "vitest";
import { pocketBaseKitStacks } from "../../shared/adapters/pocketbase/kit-stacks.ts";
import { installKit, uninstallKit } from "../../shared/stackkits/install-kit.ts";
import { Kit } from "../../shared/stackkits/kit.ts";
import type { KitStack } from "../../shared/stackkits/kit-stack.ts";
import { Tenant } from "../../shared/tenants/tenant.ts";
import type { TestStack } from "./isolation-fixture.ts";
import { aSpace, startTestStack, superuserPassword } from "./isolation-fixture.ts";

const acme = aSpace("acme");
const globex = aSpace("globex");
let one: TestStack;
let stackOf: (space: typeof acme) => KitStack;

beforeAll(async () => {
  one = await startTestStack();
  for (const space of [acme, globex]) await one.stack.createTenantSpace(space);
  const open = pocketBaseKitStacks({
    secrets: {
      read: () => Promise.resolve(superuserPassword),
      createIfAbsent: () => Promise.resolve(superuserPassword),
      remove: () => Promise.resolve(),
    },
  });
  stackOf = (space) => open({ instanceId: "stack-1", internalEndpoint: one.server.url }, space);
});
afterAll(() => one.server.stop());

const aKit = (version: string, services: readonly string[]) => ({
  ...{ compose: "services: {}", readme: "", icon: "", images: [], files: [] },
  kit: Kit.parse({
    ...{
      id: "media",
      version,
      minPlan: "free",
      name: "Media",
      summary: "Plays.",
      categories: ["media"],
      licence: "MIT",
    },
    maintainers: [{ name: "kombify" }],
    architectures: ["amd64"],
    requirements: { memoryMegabytes: 100, diskMegabytes: 100 },
    parameters: [{ name: "PASSWORD", type: "secret", label: "Password" }],
    services: services.map((name) => ({ name, image: "nginx:1.27.0", summary: "Serves." })),
    ports: [{ name: "web", service: "web", number: 8080, container: 80 }],
    changelog: [{ version, date: "2026-01-01", added: ["All."] }],
  }),
});

const install = (space: typeof acme, version: string, services: readonly string[]) =>
  installKit({
    tenant: Tenant.parse({
      ...space,
      ...{ id: "tenant", type: "tenant", plan: "free", status: "active", operationId: "o", idempotency: null },
      ...{ createdBy: "u", createdAt: "2026-01-01T00:00:00.000Z", sortKey: "1", placement: null },
    }),
    ...{ sub: "u", stack: stackOf(space), kit: aKit(version, services), isDryRun: false },
    ...{ text: "name: films\nparameters:\n  PASSWORD: s3cret-word\n", idempotencyKey: undefined },
    publicBaseUrl: "http://kombify.test",
  });

const countsOf = async (namespace: string) =>
  Promise.all(
    ["deployments", "services", "secrets"].map(
      async (base) => (await one.root.collection(`${base}_${namespace}`).getFullList()).length,
    ),
  );

test("a kit is installed twice, upgraded and taken away in a real Stack, and the neighbour's stays", async () => {
  expect(await install(globex, "1.0.0", ["web"])).toMatchObject({ outcome: "created" });
  expect(await install(acme, "1.0.0", ["web", "worker"])).toMatchObject({ outcome: "created" });
  expect(await install(acme, "1.0.0", ["web", "worker"])).toMatchObject({ outcome: "unchanged" });
  expect(await countsOf("acme")).toEqual([1, 2, 1]);
  expect(await install(acme, "1.1.0", ["web"])).toMatchObject({ outcome: "changed", version: "1.1.0" });
  expect(await countsOf("acme")).toEqual([1, 1, 1]);
  const [deployment] = await one.root.collection("deployments_acme").getFullList();
  expect(deployment).toMatchObject({
    kitId: "media",
    kitVersion: "1.1.0",
    status: "pending",
    spec: { state: "written" },
  });
  expect(JSON.stringify(deployment)).not.toContain("s3cret-word");
  expect((await stackOf(acme).read()).services).toHaveLength(1);
  await uninstallKit(stackOf(acme), "media", "films");
  await uninstallKit(stackOf(acme), "media", "films");
  expect([await countsOf("acme"), await countsOf("globex")]).toEqual([
    [0, 0, 0],
    [1, 1, 1],
  ]);
});
