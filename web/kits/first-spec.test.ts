import { expect, it } from "vitest";
import { parse } from "yaml";
import { firstSpec } from "./first-spec.ts";
import type { Kit, KitParameter } from "./kits-api.ts";

const parameter = (more: Partial<KitParameter>): KitParameter => ({
  ...{ name: "A", type: "string", label: "A label.", message: undefined, required: undefined },
  ...{ default: undefined, choices: undefined },
  ...more,
});
const aKit = (parameters: readonly KitParameter[], ports: Kit["ports"] = []) =>
  ({ id: "media", name: "Media", parameters, ports }) as unknown as Kit;

it("is YAML with the kit's own values, and leaves open what must be chosen", () => {
  const text = firstSpec(
    aKit(
      [
        parameter({ name: "TITLE", default: 'with "quotes" and: colons', message: "Shown on top." }),
        parameter({ name: "COUNT", type: "integer", default: 3 }),
        parameter({ name: "IS_ON", type: "boolean", default: true }),
        parameter({ name: "MODE", type: "choice", choices: ["a", "b"], required: true }),
        parameter({ name: "PASSWORD", type: "secret" }),
        parameter({ name: "NOTE" }),
      ],
      [{ name: "web", service: "media", number: 8080, container: 80, protocol: "tcp" }],
    ),
  );
  expect(parse(text)).toEqual({
    name: "media",
    parameters: { TITLE: 'with "quotes" and: colons', COUNT: 3, IS_ON: true, MODE: "", PASSWORD: "" },
    ports: { web: 8080 },
  });
  expect(text).toContain("# A label. Shown on top.");
  expect(text).toContain("one of: a, b");
  expect(text).toContain('  # NOTE: ""');
});

it("is short for a kit that asks for nothing, and has no empty member where all may be left out", () => {
  expect(parse(firstSpec(aKit([])))).toEqual({ name: "media" });
  expect(parse(firstSpec(aKit([parameter({ name: "NOTE" })])))).toEqual({ name: "media", parameters: {} });
});
