import { flagBucket } from "./flag-bucket.ts";
import type { Flag, FlagRule, FlagValue } from "./flag.ts";

/** For whom a flag is evaluated. `targetingKey`: the tenant's id. */
export interface FlagContext {
  readonly targetingKey?: string;
  readonly plan?: string;
}

/** OpenFeature's terms (specification, 1.4.7 and types). `value` and `variant` are absent after an error. */
export interface Evaluation {
  readonly value?: FlagValue;
  readonly variant?: string;
  readonly reason: "TARGETING_MATCH" | "SPLIT" | "STATIC" | "DEFAULT" | "DISABLED" | "ERROR";
  readonly errorCode?: "FLAG_NOT_FOUND" | "TARGETING_KEY_MISSING";
}

type Definition = Pick<Flag, "key" | "variants" | "off" | "otherwise" | "rules" | "schedule" | "killed" | "archived">;

interface Compiled {
  readonly key: string;
  readonly isOff: boolean;
  readonly from: number;
  readonly until: number;
  readonly off: Evaluation;
  readonly otherwise: Evaluation;
  readonly rules: readonly CompiledRule[];
}

interface CompiledRule {
  readonly hit: Evaluation;
  readonly plans: ReadonlySet<string> | undefined;
  readonly tenants: ReadonlySet<string> | undefined;
  /** Buckets below this one are hit. */
  readonly below: number | undefined;
}

const missingKey: Evaluation = { reason: "ERROR", errorCode: "TARGETING_KEY_MISSING" };
const notFound: Evaluation = { reason: "ERROR", errorCode: "FLAG_NOT_FOUND" };

const answer = ({ variants }: Definition, variant: string, reason: Evaluation["reason"]): Evaluation => {
  const value = variants[variant];
  return { ...(value === undefined ? {} : { value }), variant, reason };
};

const compileRule = (flag: Definition, { variant, plans, tenants, percentage }: FlagRule): CompiledRule => ({
  hit: answer(flag, variant, percentage === undefined ? "TARGETING_MATCH" : "SPLIT"),
  plans: plans === undefined ? undefined : new Set(plans),
  tenants: tenants === undefined ? undefined : new Set(tenants),
  below: percentage === undefined ? undefined : Math.round(percentage * 100),
});

const instantOf = (iso: string | null | undefined, unbounded: number): number =>
  iso === null || iso === undefined ? unbounded : Date.parse(iso);

const compile = (flag: Definition): Compiled => ({
  key: flag.key,
  isOff: flag.killed,
  from: instantOf(flag.schedule?.from, -Infinity),
  until: instantOf(flag.schedule?.until, Infinity),
  off: answer(flag, flag.off, "DISABLED"),
  otherwise: answer(flag, flag.otherwise, flag.rules.length === 0 ? "STATIC" : "DEFAULT"),
  rules: flag.rules.map((rule) => compileRule(flag, rule)),
});

const isFor = ({ plans, tenants }: CompiledRule, { targetingKey = "", plan = "" }: FlagContext): boolean =>
  (plans === undefined || plans.has(plan)) && (tenants === undefined || tenants.has(targetingKey));

const evaluate = (flag: Compiled, context: FlagContext, nowMilliseconds: number): Evaluation => {
  if (flag.isOff || nowMilliseconds < flag.from || nowMilliseconds >= flag.until) return flag.off;
  let bucket = -1;
  for (const rule of flag.rules) {
    if (!isFor(rule, context)) continue;
    if (rule.below === undefined) return rule.hit;
    if (context.targetingKey === undefined || context.targetingKey === "") return missingKey;
    if (bucket < 0) bucket = flagBucket(flag.key, context.targetingKey);
    if (bucket < rule.below) return rule.hit;
  }
  return flag.otherwise;
};

/** A set made ready to be asked often. Pure: the same question has the same answer everywhere. */
export interface CompiledFlags {
  readonly keys: readonly string[];
  evaluate(key: string, context: FlagContext, nowMilliseconds: number): Evaluation;
}

/** Archived flags are not in it. Kill wins over the schedule, and that over every rule. */
export const compileFlags = (flags: readonly Definition[]): CompiledFlags => {
  const byKey = new Map(flags.filter(({ archived }) => !archived).map((flag) => [flag.key, compile(flag)]));
  return {
    keys: [...byKey.keys()],
    evaluate: (key, context, nowMilliseconds) => {
      const flag = byKey.get(key);
      return flag === undefined ? notFound : evaluate(flag, context, nowMilliseconds);
    },
  };
};
