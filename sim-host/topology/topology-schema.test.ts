import { describe, expect, it } from "vitest";
import { simulationSchema } from "./topology-schema.ts";

describe("the JSON Schema of a topology", () => {
  it("is found under the address it names, and says what an author writes, not what is read", () => {
    const schema = simulationSchema();
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://docs.kombify.io/schemas/simulation/v1.json",
      required: ["name", "nodes"],
      additionalProperties: false,
      properties: {
        seed: { type: "integer", default: 1 },
        nodes: { minProperties: 1, maxProperties: 200 },
        timeline: { maxItems: 500, items: { anyOf: [{ required: ["at", "link", "impair"] }, {}, {}] } },
      },
    });
    expect(JSON.stringify(schema)).toContain('"default":"64MB","type":"string"');
  });

  it("can be read as JSON as it is", () => {
    expect(JSON.parse(JSON.stringify(simulationSchema()))).toEqual(simulationSchema());
  });
});
