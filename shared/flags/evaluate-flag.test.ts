import { describe, expect, it } from "vitest";
import { compileFlags } from "./evaluate-flag.ts";
import { flagBucket, murmur3 } from "./flag-bucket.ts";
import type { Flag, FlagRule } from "./flag.ts";
import { FlagFields } from "./flag.ts";

const aFlag = (change: Partial<Flag> = {}): Flag => ({
  ...{ key: "new-editor", description: "", variants: { on: true, off: false }, off: "off", otherwise: "off" },
  ...{ rules: [], schedule: null, killed: false, archived: false, revision: 1, updatedAt: "2026-01-01T00:00:00Z" },
  ...change,
});
const ask = (flag: Flag, context: { targetingKey?: string; plan?: string } = {}, at = "2026-06-01T00:00:00Z") =>
  compileFlags([flag]).evaluate(flag.key, context, Date.parse(at));
const tenants = Array.from({ length: 20_000 }, (_, index) => `acme${String(index).padStart(11, "0")}`);
const hits = (percentage: number, key = "new-editor"): ReadonlySet<string> => {
  const set = compileFlags([aFlag({ key, rules: [{ variant: "on", percentage }] })]);
  return new Set(tenants.filter((targetingKey) => set.evaluate(key, { targetingKey }, 0).value === true));
};

describe("the bucket", () => {
  it.each([
    ["", 0],
    ["hello", 0x248bfa47],
    ["hello, world", 0x149bbb7f],
    ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
  ])("is made of MurmurHash3: %j", (text, hash) => {
    expect(murmur3(text)).toBe(hash);
  });

  it("is the same today as in every release before", () => {
    expect(["acme", "bolt", "crux"].map((tenant) => flagBucket("new-editor", tenant))).toMatchInlineSnapshot(`
      [
        948,
        541,
        544,
      ]
    `);
  });
});

describe("a rollout", () => {
  it("never takes a tenant out while it grows, and reaches everybody", () => {
    let before: ReadonlySet<string> = new Set();
    for (const percentage of [0, 0.01, 1, 5, 24.99, 25, 50, 75, 99.99, 100]) {
      const now = hits(percentage);
      expect(
        [...before].every((tenant) => now.has(tenant)),
        `at ${percentage} %`,
      ).toBe(true);
      before = now;
    }
    expect(before.size).toBe(tenants.length);
    expect(hits(0).size).toBe(0);
  });

  it.each([1, 10, 25, 50, 90])("of %d percent reaches about as many, each flag others", (percentage) => {
    const [these, others] = [hits(percentage), hits(percentage, "other-flag")];
    const share = (these.size / tenants.length) * 100;
    expect(Math.abs(share - percentage)).toBeLessThan(1);
    const both = [...these].filter((tenant) => others.has(tenant)).length;
    expect(Math.abs((both / tenants.length) * 100 - percentage ** 2 / 100)).toBeLessThan(1);
  });

  it("splits into more than two variants by rules that count from the same end", () => {
    const rules: FlagRule[] = [
      { variant: "red", percentage: 25 },
      { variant: "blue", percentage: 50 },
    ];
    const set = compileFlags([aFlag({ variants: { red: "r", blue: "b", off: "" }, rules })]);
    const of = (name: string): number =>
      tenants.filter((targetingKey) => set.evaluate("new-editor", { targetingKey }, 0).variant === name).length;
    for (const name of ["red", "blue"]) expect(Math.abs(of(name) / tenants.length - 0.25)).toBeLessThan(0.01);
  });

  it("cannot be asked about nobody", () => {
    const flag = aFlag({ rules: [{ variant: "on", percentage: 50 }] });
    expect(ask(flag)).toEqual({ reason: "ERROR", errorCode: "TARGETING_KEY_MISSING" });
  });
});

describe("the reason", () => {
  const rules: FlagRule[] = [
    { variant: "on", plans: ["pro"] },
    { variant: "on", tenants: ["acme00000000000"] },
  ];
  it.each([
    ["STATIC", aFlag(), {}],
    ["DEFAULT", aFlag({ rules }), { plan: "free", targetingKey: "bolt00000000000" }],
    ["TARGETING_MATCH", aFlag({ rules }), { plan: "pro" }],
    ["TARGETING_MATCH", aFlag({ rules }), { targetingKey: "acme00000000000" }],
    ["SPLIT", aFlag({ rules: [{ variant: "on", percentage: 100 }] }), { targetingKey: "acme" }],
    ["DISABLED", aFlag({ rules, killed: true }), { plan: "pro" }],
  ])("is %s", (reason, flag, context) => {
    expect(ask(flag, context)).toMatchObject({ reason, value: ["TARGETING_MATCH", "SPLIT"].includes(reason) });
  });

  it("is an error for a flag that there is not, or no longer is", () => {
    expect(compileFlags([]).evaluate("nothing", {}, 0)).toEqual({ reason: "ERROR", errorCode: "FLAG_NOT_FOUND" });
    expect(ask(aFlag({ archived: true }))).toEqual({ reason: "ERROR", errorCode: "FLAG_NOT_FOUND" });
  });
});

describe("a schedule", () => {
  const schedule = { from: "2026-06-01T00:00:00Z", until: "2026-06-02T00:00:00Z" };
  it.each([
    ["2026-05-31T23:59:59.999Z", false],
    ["2026-06-01T00:00:00Z", true],
    ["2026-06-01T23:59:59.999Z", true],
    ["2026-06-02T00:00:00Z", false],
  ])("at %s is in force: %s", (at, isOn) => {
    expect(ask(aFlag({ otherwise: "on", schedule }), {}, at).value).toBe(isOn);
  });

  it("does not undo a kill", () => {
    expect(ask(aFlag({ otherwise: "on", schedule, killed: true }), {}, "2026-06-01T12:00:00Z").reason).toBe("DISABLED");
  });
});

describe("a definition", () => {
  const good = { key: "a-flag", variants: { on: true, off: false }, off: "off", otherwise: "off" };
  it.each([
    ["a variant that is not there", { ...good, off: "no" }],
    ["values of two types", { ...good, variants: { on: true, off: "no" } }],
    ["no variants", { ...good, variants: {} }],
    ["a member that nobody knows", { ...good, percent: 5 }],
    ["a key with spaces", { ...good, key: "a flag" }],
    ["more than everybody", { ...good, rules: [{ variant: "on", percentage: 100.5 }] }],
    [
      "a schedule that ends first",
      { ...good, schedule: { from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" } },
    ],
  ])("with %s is refused", (_, fields) => {
    expect(FlagFields.safeParse(fields).success).toBe(false);
  });

  it("may leave out what most do not need", () => {
    expect(FlagFields.parse(good)).toEqual({ ...good, description: "", rules: [], schedule: null });
  });
});
