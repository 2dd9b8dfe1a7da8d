import { compileFlags } from "../shared/flags/evaluate-flag.ts";
import type { FlagFields, FlagRule } from "../shared/flags/flag.ts";
import { tenantIdOf } from "../shared/tenants/tenant.ts";
import type { Pair } from "./harness.ts";

const evaluationsPerRound = 1_000_000;
const flagsCount = 50;
const plans = ["free", "pro", "enterprise"] as const;
const tenants = Array.from({ length: 200 }, (_, index) => ({
  targetingKey: tenantIdOf(`organisation-${index}`),
  plan: plans[index % plans.length] ?? "free",
}));
const now = Date.UTC(2026, 5, 1);

/** One in five each: nothing but a value, by plan, by tenant, by percentage, and all of them one after the other. */
const rulesOf = (index: number): FlagRule[] => {
  const some: FlagRule[] = [
    { variant: "on", plans: ["enterprise"] },
    { variant: "on", tenants: tenants.slice(index, index + 20).map(({ targetingKey }) => targetingKey) },
    { variant: "on", percentage: 25 },
  ];
  return index % 5 === 4 ? some : some.slice((index % 5) - 1, index % 5);
};

const flags = Array.from({ length: flagsCount }, (_, index): FlagFields & { killed: boolean; archived: boolean } => ({
  ...{ key: `flag-${index}`, description: "", variants: { on: true, off: false }, off: "off", otherwise: "off" },
  rules: index % 5 === 0 ? [] : rulesOf(index),
  schedule: index % 10 === 0 ? { from: "2026-01-01T00:00:00Z", until: null } : null,
  ...{ killed: index % 25 === 24, archived: false },
}));

/** Every flag for every tenant, again and again. */
const evaluateAll = (): number => {
  const compiled = compileFlags(flags);
  let hits = 0;
  const started = performance.now();
  for (let index = 0; index < evaluationsPerRound; index += 1) {
    const tenant = tenants[index % tenants.length];
    const flag = flags[Math.floor(index / tenants.length) % flagsCount];
    if (tenant === undefined || flag === undefined) continue;
    if (compiled.evaluate(flag.key, tenant, now).value === true) hits += 1;
  }
  const milliseconds = performance.now() - started;
  if (hits === 0 || hits === evaluationsPerRound) throw new Error("Flags are evaluated wrongly.");
  return milliseconds;
};

/** 1,000,000 evaluations against a second: at most 1.0 means at least 1,000,000 a second on one core. */
export const flagEvaluation = (): Pair => ({
  name: "Flags, 1,000,000 evaluations",
  bound: { kind: "ratio", max: 1 },
  measured: "evaluating them",
  baseline: "one second",
  rounds: 9,
  warmUp: 2,
  open: () =>
    Promise.resolve({
      measure: () => Promise.resolve(evaluateAll()),
      compare: () => Promise.resolve(1_000),
      close: () => Promise.resolve(),
    }),
});
