import { z } from "zod";
import { isPlainText } from "../kernel/plain-text.ts";
import { Plan } from "../tenants/plan.ts";

/** How much a set may hold: every tenant's Stack gets all of it, and one document holds it. */
export const flagsMax = 200;

const FlagKey = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens");
const VariantName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be lower-case letters, digits and hyphens");
const FlagValue = z.union([z.boolean(), z.string().max(1_000), z.number()]);
export type FlagValue = z.infer<typeof FlagValue>;

/**
 * Whom a variant is for; everything named must hold. `percentage`: the share of tenants by their bucket (flag-bucket.ts),
 * 0 to 100 in steps of 0.01, counted from the same end in every rule of a flag, so that 25 and then 50 are two quarters.
 */
const FlagRule = z.strictObject({
  variant: VariantName,
  plans: z.array(Plan).min(1).max(3).optional(),
  tenants: z
    .array(z.string().regex(/^[a-z0-9]{15,40}$/))
    .min(1)
    .max(500)
    .optional(),
  percentage: z.number().min(0).max(100).multipleOf(0.01).optional(),
});
export type FlagRule = z.infer<typeof FlagRule>;

const Instant = z.iso.datetime();
/** In force from `from` (inclusive) until `until` (exclusive), ISO 8601 UTC; null: no bound on that side. */
const Schedule = z.strictObject({ from: Instant.nullable(), until: Instant.nullable() });

const fields = {
  key: FlagKey,
  description: z.string().max(500).default(""),
  /** Name to value; all values of one type. */
  variants: z.record(VariantName, FlagValue),
  /** The variant while the flag is killed or its schedule is not in force. */
  off: VariantName,
  /** The variant for whom no rule is. */
  otherwise: VariantName,
  /** The first that fits decides. */
  rules: z.array(FlagRule).max(20).default([]),
  schedule: Schedule.nullable().default(null),
};

interface Consistent {
  readonly variants: Readonly<Record<string, FlagValue>>;
  readonly off: string;
  readonly otherwise: string;
  readonly rules: readonly FlagRule[];
  readonly schedule: z.infer<typeof Schedule> | null;
}

const findings = ({ variants, off, otherwise, rules, schedule }: Consistent): readonly string[] => {
  const names = Object.keys(variants);
  const types = new Set(Object.values(variants).map((value) => typeof value));
  const named = [off, otherwise, ...rules.map(({ variant }) => variant)];
  const unknown = named.find((name) => !Object.hasOwn(variants, name));
  const { from, until } = schedule ?? { from: null, until: null };
  return [
    ...(names.length < 1 || names.length > 20 ? ["A flag has 1 to 20 variants."] : []),
    ...(types.size > 1 ? ["All variants of a flag have values of one type."] : []),
    ...(unknown === undefined ? [] : [`There is no variant ${unknown}.`]),
    ...(from !== null && until !== null && Date.parse(from) >= Date.parse(until)
      ? ["A schedule ends after it begins."]
      : []),
  ];
};

/** What an operator writes. */
export const FlagFields = z.strictObject(fields).superRefine((flag, context) => {
  if (!isPlainText(flag.description.replace(/[\r\n\t]/g, ""))) {
    context.addIssue({ code: "custom", path: ["description"], message: "must be text without control characters" });
  }
  for (const message of findings(flag)) context.addIssue({ code: "custom", message });
});
export type FlagFields = z.infer<typeof FlagFields>;

/** What another service of the platform sends (contract C5). */
export const ReceivedFlag = z
  .strictObject({ ...fields, killed: z.boolean().default(false) })
  .superRefine((flag, context) => {
    for (const message of findings(flag)) context.addIssue({ code: "custom", message });
  });

/** A flag of the set. `revision`: the set's revision that changed it last, which is also its ETag. */
export const Flag = z
  .strictObject({ ...fields, killed: z.boolean(), archived: z.boolean(), revision: z.int().min(1), updatedAt: Instant })
  .superRefine((flag, context) => {
    for (const message of findings(flag)) context.addIssue({ code: "custom", message });
  });
export type Flag = z.infer<typeof Flag>;
