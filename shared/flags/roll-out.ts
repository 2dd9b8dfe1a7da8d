import type { Flag, FlagFields, FlagRule } from "./flag.ts";

/** A flag's rollout to everybody: the first rule that goes by percentage alone. */
export interface Rollout {
  readonly variant: string;
  readonly percentage: number;
}

type Rules = Pick<Flag, "rules">;

const isForEverybody = ({ plans, tenants, percentage }: FlagRule): boolean =>
  percentage !== undefined && plans === undefined && tenants === undefined;

/** Undefined: the flag is not rolled out by percentage. */
export const rolloutOf = ({ rules }: Rules): Rollout | undefined => {
  const rule = rules.find(isForEverybody);
  return rule?.percentage === undefined ? undefined : { variant: rule.variant, percentage: rule.percentage };
};

/** What an operator may write of a flag. */
export const fieldsOf = ({ key, description, variants, off, otherwise, rules, schedule }: Flag): FlagFields => ({
  ...{ key, description, variants, off, otherwise, rules, schedule },
});

/**
 * The flag with its rollout at this percentage. Where there is none yet, it becomes the last rule, for the first variant
 * that is not the one for everybody else.
 */
export const rolledOutTo = (flag: Flag, percentage: number): FlagFields => {
  const fields = fieldsOf(flag);
  const at = flag.rules.findIndex(isForEverybody);
  if (at >= 0) {
    return { ...fields, rules: flag.rules.map((rule, index) => (index === at ? { ...rule, percentage } : rule)) };
  }
  const variant = Object.keys(flag.variants).find((name) => name !== flag.otherwise) ?? flag.otherwise;
  return { ...fields, rules: [...flag.rules, { variant, percentage }] };
};
