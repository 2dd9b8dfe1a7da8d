import { expect, test } from "vitest";
import { Kit } from "./kit.ts";
import { readSpec } from "./read-spec.ts";
import { renderInstallation } from "./render-installation.ts";

const long = "A".repeat(40);
const kit = Kit.parse({
  ...{ id: "media", version: "1.0.0", minPlan: "free", name: "Media", summary: "Plays.", categories: ["media"] },
  licence: "MIT",
  maintainers: [{ name: "kombify" }],
  architectures: ["amd64"],
  requirements: { memoryMegabytes: 100, diskMegabytes: 100 },
  parameters: ["_ONE", "_TWO"].map((end) => ({ name: `${long}${end}`, type: "secret", label: "Secret" })),
  services: ["one", "two"].map((end) => ({
    ...{ name: `${long.toLowerCase()}-${end}`, image: "nginx:1.27.0", summary: "Serves." },
  })),
  changelog: [{ version: "1.0.0", date: "2026-01-01", added: ["All."] }],
});

const render = (name: string) => {
  const read = readSpec(JSON.stringify({ name, parameters: { [`${long}_ONE`]: "first", [`${long}_TWO`]: "second" } }));
  if (read.kind !== "read") throw new Error("It cannot be read.");
  const published = { kit, compose: "", readme: "", icon: "", images: [], files: [] };
  return renderInstallation(published, { tenantId: "t1", requestedBy: "u", spec: read.spec });
};

test("long names stay apart: no secret is written over another, no service hides another", () => {
  const { secrets, spec } = render("b".repeat(63));
  expect(new Set(secrets.map(({ id }) => id)).size).toBe(2);
  expect(new Set(secrets.map(({ name }) => name)).size).toBe(2);
  expect(new Set(spec.services.map(({ name }) => name)).size).toBe(2);
  for (const { name } of [...secrets, ...spec.services]) expect(name.length).toBeLessThanOrEqual(100);
});

test("names that fit are as they are", () => {
  const { secrets, spec } = render("films");
  expect(secrets.map(({ name }) => name)).toEqual([`films/${long}_ONE`, `films/${long}_TWO`]);
  expect(spec.services.map(({ name }) => name)).toEqual(kit.services.map(({ name }) => `films-${name}`));
});
