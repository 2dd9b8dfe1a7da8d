import { describe, expect, it } from "vitest";
import { resolveTenantSlug } from "./resolve-tenant-slug.ts";

const stackDomain = "stack.kombify.test";

describe("resolveTenantSlug", () => {
  it.each([
    [{ tenantSlugHeader: "acme" }, "acme"],
    [{ host: "acme.stack.kombify.test" }, "acme"],
    [{ host: "ACME.Stack.kombify.test:8443" }, "acme"],
    [{ host: "acme.stack.kombify.test." }, "acme"],
    [{ tenantSlugHeader: "acme", host: "acme.stack.kombify.test" }, "acme"],
    [{ tenantSlugHeader: "acme", host: "api.kombify.test" }, "acme"],
  ])("finds the tenant in %j", (hints, slug) => {
    expect(resolveTenantSlug({ ...hints, stackDomain })).toEqual({ kind: "slug", slug });
  });

  it.each([{}, { host: "stack.kombify.test" }, { host: "acme.kombify.test" }, { host: "acmestack.kombify.test" }])(
    "says that %j names no tenant",
    (hints) => {
      expect(resolveTenantSlug({ ...hints, stackDomain })).toEqual({ kind: "absent" });
    },
  );

  it.each([
    { tenantSlugHeader: "globex", host: "acme.stack.kombify.test" },
    { tenantSlugHeader: "Acme" },
    { tenantSlugHeader: "acme,globex" },
    { tenantSlugHeader: "" },
    { host: "a.b.stack.kombify.test" },
    { host: "default.stack.kombify.test" },
  ])("refuses %j", (hints) => {
    expect(resolveTenantSlug({ ...hints, stackDomain }).kind).toBe("refused");
  });
});
