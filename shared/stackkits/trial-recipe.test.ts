import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Kit } from "./kit.ts";
import { packKit } from "./pack-kit.ts";
import { publishedKitOf } from "./published-kit.ts";
import { readKitFolder } from "./read-folder.ts";
import { TrialRecipe, trialRecipeOf } from "./trial-recipe.ts";

const version = {
  ...{ version: "1.0.0", sha256: "ab", sizeBytes: 1, archive: "a", signature: "s" },
  ...{ publishedAt: "2026-01-01T00:00:00.000Z", yankedAt: null },
};
const newSecret = (): string => "made-up-and-long-enough";

const aKit = (change: object = {}): Kit =>
  Kit.parse({
    ...{ id: "media", version: "1.0.0", minPlan: "free", name: "Media", summary: "Films.", categories: ["media"] },
    ...{ licence: "MIT", maintainers: [{ name: "kombify" }], architectures: ["amd64"] },
    requirements: { memoryMegabytes: 100, diskMegabytes: 100, startSeconds: 5 },
    parameters: [
      { name: "TITLE", type: "string", label: "Title", default: "Films" },
      { name: "OWNER", type: "string", label: "Owner", required: true, min: 9 },
      { name: "PASSWORD", type: "secret", label: "Password", required: true, max: 7 },
    ],
    services: [{ name: "web", image: "nginx:1.27.0", summary: "Serves." }],
    ports: [
      { name: "web", service: "web", number: 8080, container: 80, http: { path: "/", status: 200 } },
      { name: "dns", service: "web", number: 53, container: 53, protocol: "udp" },
    ],
    changelog: [{ version: "1.0.0", date: "2026-01-02", added: ["More."] }],
    ...change,
  });
const recipe = (compose: string, kit = aKit()): TrialRecipe => trialRecipeOf({ version }, { kit, compose }, newSecret);

describe("the recipe of a trial", () => {
  it("fills in what nobody filled a form for", () => {
    const compose = [
      "services:",
      "  web:",
      "    command: serve --port 80",
      "    environment:",
      "      TITLE: ${TITLE:-none}",
      "      LOGIN: ${OWNER:?}/${PASSWORD:?}",
      "      URL: http://localhost:${PORT_WEB:-1}",
      "      WORKERS: 2",
    ].join("\n");
    expect(recipe(compose)).toStrictEqual({
      kit: { id: "media", name: "Media", version: "1.0.0", sha256: "ab" },
      ...{ memoryMegabytes: 100, startSeconds: 5 },
      services: [
        {
          ...{ name: "web", image: "nginx:1.27.0", command: ["serve", "--port", "80"] },
          environment: {
            ...{ TITLE: "Films", LOGIN: "examplexx/made-up", URL: "http://localhost:8080", WORKERS: "2" },
          },
        },
      ],
      ports: [{ name: "web", service: "web", number: 80, http: { path: "/", status: 200 } }],
    });
  });

  it("reads lists of variables and words", () => {
    const compose = "services: { web: { command: [a, 1], environment: [A=b=c, B] } }";
    expect(recipe(compose).services).toMatchObject([{ command: ["a", "1"], environment: { A: "b=c", B: "" } }]);
  });

  it.each([
    ["an entry point", "services: { web: { entrypoint: /run } }"],
    ["quotes", `services: { web: { command: "sh -c 'a b'" } }`],
    ["another form", "services: [web]"],
    ["words that no node can take", `services: { web: { command: [${"x".repeat(4_001)}] } }`],
    ["no YAML", "services: {"],
  ])("refuses %s, and says of what", (_what, compose) => {
    expect(() => recipe(compose)).toThrow(/cannot run in a simulation/);
  });

  it("takes a service that the compose file does not have as its image is", () => {
    const services = [{ name: "constructor", image: "nginx:1.27.0", summary: "Serves." }];
    const ports = [{ name: "web", service: "constructor", number: 8080, container: 80 }];
    const found = recipe("services: {}", aKit({ services, ports })).services;
    expect(found).toStrictEqual([{ name: "constructor", image: "nginx:1.27.0", environment: {} }]);
  });

  it("refuses a kit of which nothing can be seen from outside", () => {
    expect(() => recipe("services: {}", aKit({ ports: [] }))).toThrow("no TCP port");
  });
});

const kitsDirectory = fileURLToPath(new URL("../../kits", import.meta.url));

describe("shipped kits", async () => {
  it.each(await readdir(kitsDirectory))("%s can be tried by its recipe", async (id) => {
    const { files } = await readKitFolder(join(kitsDirectory, id));
    const result = packKit(files, id);
    if (!("packed" in result)) throw new Error("it has errors");
    const found = trialRecipeOf({ version }, publishedKitOf(result.packed.manifest.kit, files), newSecret);
    expect(TrialRecipe.parse(found)).toStrictEqual(found);
    expect(found.services).toHaveLength(result.packed.manifest.kit.services.length);
    expect(JSON.stringify(found)).not.toContain("${");
  });
});
