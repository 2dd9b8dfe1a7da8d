import { expect, test } from "vitest";
import { Kit } from "./kit.ts";
import type { StackRows } from "./kit-stack.ts";
import type { KitCatalogue } from "./plan-dependencies.ts";
import { planDependencies } from "./plan-dependencies.ts";

type Needs = Readonly<Record<string, string>>;

const aKit = (id: string, version: string, needs: Needs): Kit =>
  Kit.parse({
    ...{ id, version, minPlan: "free", name: id, summary: "Of use.", categories: ["media"], licence: "MIT" },
    maintainers: [{ name: "kombify" }],
    architectures: ["amd64"],
    requirements: { memoryMegabytes: 1, diskMegabytes: 1 },
    services: [{ name: "web", image: "nginx:1.27.0", summary: "Serves." }],
    dependencies: Object.entries(needs).map(([name, range]) => ({ id: name, range })),
    changelog: [{ version, date: "2026-01-01", added: ["All."] }],
  });

/** Published versions, newest first. */
const shop = (kits: Readonly<Record<string, Readonly<Record<string, Needs>>>>): KitCatalogue => {
  const listed = Object.entries(kits).map(([id, versions]) => [
    id,
    {
      id,
      versions: Object.keys(versions).map((version) => ({ version, yankedAt: version === "9.9.9" ? "then" : null })),
    },
  ]);
  return {
    index: () => Promise.resolve({ etag: "1", kits: new Map(listed as never) }),
    open: ({ kit: { id }, version: { version } }) =>
      Promise.resolve({ kit: aKit(id, version, kits[id]?.[version] ?? {}) } as never),
  };
};

const stackWith = (installed: Readonly<Record<string, string>>): StackRows => ({
  nodes: [],
  services: [],
  deployments: Object.entries(installed).map(([kit, version]) => ({
    id: kit,
    spec: {
      ...{ name: kit, kit, version, state: "written", parameters: {}, ports: {}, services: [], serviceIds: [] },
      ...{ secretIds: [], dependencies: [], compose: "", requestedBy: "u", idempotency: null },
    },
  })),
});

const wiki = aKit("wiki", "1.0.0", { database: "^2.0.0", proxy: ">=1.0.0" });
const published = shop({
  database: { "9.9.9": {}, "2.1.0": { storage: "1.x" }, "2.0.0": { storage: "1.x" }, "1.0.0": {} },
  proxy: { "1.5.0": {} },
  storage: { "2.0.0": {}, "1.3.0": {} },
});

test("names what is to be installed first, in order, the newest that fits and is not withdrawn", async () => {
  expect(await planDependencies(wiki, stackWith({}), published)).toEqual({
    install: [
      { id: "storage", version: "1.3.0" },
      { id: "proxy", version: "1.5.0" },
      { id: "database", version: "2.1.0" },
    ],
    conflicts: [],
  });
});

test("leaves alone what is installed and fits, and asks for an upgrade of what does not", async () => {
  const fits = stackWith({ database: "2.0.0", proxy: "1.5.0" });
  expect((await planDependencies(wiki, fits, published)).install).toEqual([]);
  const old = stackWith({ database: "1.0.0", proxy: "1.5.0" });
  expect((await planDependencies(wiki, old, published)).install).toContainEqual({ id: "database", version: "2.1.0" });
});

test("says why nothing works", async () => {
  const torn = aKit("torn", "1.0.0", { database: "^2.0.0", storage: "^2.0.0" });
  const { install, conflicts } = await planDependencies(torn, stackWith({}), published);
  expect(install).toEqual([]);
  expect(conflicts.join(" ")).toContain("needs storage 1.x, but");
  const lost = await planDependencies(aKit("lost", "1.0.0", { gone: "*" }), stackWith({}), published);
  expect(lost.conflicts).toEqual(["lost 1.0.0 needs gone *, but there is no kit gone."]);
});

test("asks nobody for a kit that needs nothing", async () => {
  const nobody: KitCatalogue = { ...published, index: () => Promise.reject(new Error("asked")) };
  expect(await planDependencies(aKit("alone", "1.0.0", {}), stackWith({}), nobody)).toEqual({
    ...{ install: [], conflicts: [] },
  });
});
