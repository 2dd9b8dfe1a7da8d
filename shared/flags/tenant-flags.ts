import { createHash } from "node:crypto";
import { compileFlags } from "./evaluate-flag.ts";
import type { FlagSet } from "./flag-store.ts";
import type { TenantFlag } from "./ports.ts";

/** What a tenant's Stack should have at this moment. A flag that cannot be evaluated for it is left out. */
export type EvaluateTenant = (tenant: EvaluatedTenant) => readonly TenantFlag[];

interface EvaluatedTenant {
  readonly tenantId: string;
  readonly plan: string;
}

export const tenantEvaluator = (set: FlagSet, now: Date): EvaluateTenant => {
  const compiled = compileFlags(set.flags);
  const revisions = new Map(set.flags.map(({ key, revision }) => [key, revision]));
  return ({ tenantId, plan }) =>
    compiled.keys.flatMap((key) => {
      const context = { targetingKey: tenantId, plan };
      const { value, variant, reason } = compiled.evaluate(key, context, now.getTime());
      if (value === undefined || variant === undefined) return [];
      return [{ key, value, variant, reason, revision: revisions.get(key) ?? set.revision }];
    });
};

/** Differs as soon as anything an instance should have differs, whatever the cause: flags, time, plans, tenants. */
export const digestOf = (set: FlagSet, tenants: readonly EvaluatedTenant[], evaluate: EvaluateTenant): string => {
  const hash = createHash("sha256").update(String(set.revision));
  for (const tenant of tenants.toSorted((one, other) => (one.tenantId < other.tenantId ? -1 : 1))) {
    hash.update(JSON.stringify([tenant.tenantId, evaluate(tenant)]));
  }
  return hash.digest("base64url");
};
