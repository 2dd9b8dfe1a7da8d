import type { Scenario } from "./scenario.ts";

const good = { name: "Fresh", slug: "fresh" };
const asJson = { "content-type": "application/json" };
const path = "/api/tenant";

const ofJson = (name: string, json: unknown, says: RegExp): Scenario => {
  return { name, as: "fresh", call: { path, json }, status: 400, code: "invalid-input", says };
};
const ofBody = (name: string, body: string | Uint8Array, says: RegExp): Scenario => {
  return { name, as: "fresh", call: { path, body, headers: asJson }, status: 400, code: "invalid-input", says };
};

const fields: readonly Scenario[] = [
  ofJson("no fields at all", {}, /name.*slug/s),
  ofJson("no slug", { name: "Fresh" }, /slug/),
  ofJson("an empty name", { ...good, name: "" }, /name/),
  ofJson("a name of blanks", { ...good, name: " \t " }, /name/),
  ofJson("a name that is too long", { ...good, name: "n".repeat(81) }, /name/),
  ofJson("a name with a control character", { ...good, name: "Fresh\u001b[31m" }, /control characters/),
  ofJson("a name with a line break", { ...good, name: "Fresh\r\nX-Evil: 1" }, /control characters/),
  ofJson("a name that turns the direction of writing", { ...good, name: "Fresh\u202egnp" }, /control characters/),
  ofJson("a number as name", { ...good, name: 7 }, /name/),
  ofJson("null as name", { ...good, name: null }, /name/),
  ofJson("a list as name", { ...good, name: ["Fresh"] }, /name/),
  ofJson("a query as slug", { ...good, slug: { $ne: "" } }, /slug/),
  ofJson("a list as slug", { ...good, slug: ["fresh"] }, /slug/),
  ofJson("a number as slug", { ...good, slug: 1 }, /slug/),
  ofJson("true as slug", { ...good, slug: true }, /slug/),
  ofJson("an unknown field", { ...good, plan: "enterprise" }, /plan/),
  ofJson("the organisation as a field", { ...good, orgId: "300000000000000101" }, /orgId/),
  ofJson("a list", [good], /object/),
  ofJson("text", "fresh", /object/),
  ofJson("null", null, /object/),
  ofBody("__proto__ as a field", '{"name":"Fresh","slug":"fresh","__proto__":{"isOperator":true}}', /__proto__/),
  ofBody("constructor as a field", '{"name":"Fresh","slug":"fresh","constructor":{"prototype":{}}}', /constructor/),
];

const forms: readonly Scenario[] = [
  ofBody("no body", "", /JSON/),
  ofBody("text that is not JSON", "name=Fresh&slug=fresh", /JSON/),
  ofBody("JSON cut off", '{"name":"Fresh","slu', /JSON/),
  ofBody("two documents", '{"name":"Fresh","slug":"fresh"}{}', /JSON/),
  ofBody("bytes that are not UTF-8", Buffer.from('{"name":"\xff\xfe","slug":"fresh"}', "latin1"), /UTF-8/),
  ofBody("10,000 lists in each other", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, /object/),
  ofBody("10,000 objects in each other", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, /a/),
  ...["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"].map(
    (type): Scenario => ({
      name: `JSON sent as ${type}`,
      as: "fresh",
      call: { path, body: JSON.stringify(good), headers: { "content-type": type } },
      status: 400,
      code: "invalid-input",
      says: /content-type/,
    }),
  ),
  {
    name: "JSON sent without a type",
    as: "fresh",
    call: { path, body: JSON.stringify(good) },
    status: 400,
    code: "invalid-input",
    says: /content-type/,
  },
];

const sizes: readonly Scenario[] = [
  { name: "one byte more than 64 KiB", body: JSON.stringify({ ...good, name: "n".repeat(64 * 1024) }) },
  { name: "2 MB", body: JSON.stringify({ ...good, name: "n".repeat(2_000_000) }) },
  { name: "2 MB in chunks", body: JSON.stringify({ ...good, name: "n".repeat(2_000_000) }), isChunked: true },
  { name: "100 KB in chunks", body: JSON.stringify({ ...good, name: "n".repeat(100_000) }), isChunked: true },
].map(({ name, ...rest }) => ({
  name: `a body of ${name}`,
  as: "fresh",
  call: { path, headers: asJson, ...rest },
  status: 413,
  code: "too-large",
}));

const slug = (text: string, says: RegExp): Scenario => {
  const call = { path, json: { name: "Fresh", slug: text } };
  return {
    name: `slug ${JSON.stringify(text).slice(0, 40)}`,
    as: "fresh",
    call,
    status: 400,
    code: "slug-invalid",
    says,
  };
};

const slugs: readonly Scenario[] = [
  slug("", /at least 2/),
  slug("a", /at least 2/),
  slug("x".repeat(64), /at most 63/),
  slug("via", /"via"/),
  slug("a-via-b", /"via"/),
  slug("xn--80ak6aa92e", /xn--/),
  slug("a--b", /two hyphens/),
  slug("default", /reserved/),
  slug("admin", /reserved/),
  slug("null", /reserved/),
  slug("Fresh", /lower-case/),
  slug("fr\u0435sh", /look alike/),
  slug("fresh\u200b", /other scripts/),
  slug("-fresh", /start or end/),
  slug("fresh-", /start or end/),
  slug("1fresh", /starts with a letter/),
  slug("a_b", /letters a to z/),
  slug("../acme", /letters a to z/),
  slug("' OR 1=1 --", /slug/i),
];

const idempotencyKeys: readonly Scenario[] = ["", " ", "with blank", "k".repeat(256), "caf\u00e9"].map((key) => ({
  name: `Idempotency-Key ${JSON.stringify(key).slice(0, 20)}`,
  as: "fresh",
  call: { path, json: good, headers: { "idempotency-key": key } },
  status: 400,
  code: "invalid-input",
  says: /Idempotency-Key/,
}));

/** Everything that is wrong with a request for a tenant. */
export const tenantInputScenarios: readonly Scenario[] = [...fields, ...forms, ...sizes, ...slugs, ...idempotencyKeys];
