import { describe, expect, it } from "vitest";
import { parseDeployment } from "./stack-instance-template.ts";

const group = { location: "northeurope" };
const values = { instanceName: "stack-1", superuserEmail: "root@stack.test", superuserPassword: "long-enough" };

const parameters = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries({ ...values, ...over }).map(([name, value]) => [name, { value }]));

const linked = (over: Readonly<Record<string, unknown>> = {}): unknown => ({
  properties: {
    mode: "Incremental",
    templateLink: { uri: "https://x.example/stack-instance.json" },
    parameters: parameters(over),
  },
});

const inline = (declared: readonly string[]): unknown => ({
  properties: {
    mode: "Incremental",
    template: {
      metadata: { name: "stack-instance" },
      parameters: {
        ...Object.fromEntries(declared.map((name) => [name, { type: "string" }])),
        deploymentMode: { type: "string", defaultValue: "DEDICATED" },
        location: { type: "string", defaultValue: "[resourceGroup().location]" },
      },
    },
    parameters: parameters(),
  },
});

describe("parseDeployment", () => {
  it("keeps the password apart from what is stored, and fills the location from the group", () => {
    const parsed = parseDeployment(linked({ image: "ghcr.example/stack@sha256:1" }), group);
    expect(parsed.superuserPassword).toBe("long-enough");
    expect(parsed.parameters).toEqual({
      instanceName: "stack-1",
      superuserEmail: "root@stack.test",
      location: "northeurope",
      deploymentMode: "SHARED",
      tags: {},
    });
  });

  it("understands region for location, and cuts the slash off the public address", () => {
    const parsed = parseDeployment(linked({ region: "westeurope", publicBaseUrl: "https://x.example/" }), group);
    expect(parsed.parameters).toMatchObject({ location: "westeurope", publicBaseUrl: "https://x.example" });
  });

  it("keeps the report key apart as well, and refuses one that no environment can hold", () => {
    const reporting = { reportUrl: "https://x.example/api", reportKey: "a-key-of-32-bytes" };
    const parsed = parseDeployment(linked(reporting), group);
    expect(parsed.reportKey).toBe("a-key-of-32-bytes");
    expect(parsed.parameters).toMatchObject({ reportUrl: "https://x.example/api" });
    expect(JSON.stringify(parsed.parameters)).not.toContain("a-key");
    expect(() => parseDeployment(linked({ reportKey: "a-key\0of-32-bytes" }), group)).toThrow(/^(?!.*a-key).*$/);
    expect(() => parseDeployment(linked({ reportUrl: "file:///etc/passwd" }), group)).toThrow("reportUrl");
  });

  it("takes an inline template's literal defaults and leaves expressions to itself", () => {
    const parsed = parseDeployment(inline(Object.keys(values)), group);
    expect(parsed.parameters).toMatchObject({ deploymentMode: "DEDICATED", location: "northeurope" });
  });

  it("refuses a parameter that an inline template does not declare", () => {
    expect(() => parseDeployment(inline(["instanceName"]), group)).toThrow("'superuserEmail' is not defined");
  });

  it.each(["Stack", "a/b", "..", "-a", "a-", "", "a".repeat(64)])("refuses the instance name '%s'", (instanceName) => {
    expect(() => parseDeployment(linked({ instanceName }), group)).toThrow("instanceName");
  });

  it("does not quote a refused password", () => {
    expect(() => parseDeployment(linked({ superuserPassword: "s3cret" }), group)).toThrow(/^(?!.*s3cret).*$/);
  });
});
