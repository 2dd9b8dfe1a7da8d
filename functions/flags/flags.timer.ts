import type { InvocationContext } from "@azure/functions";
import type { PublishFlagsOf } from "./flag-services.ts";

interface Deps {
  readonly publishFlagsOf: PublishFlagsOf;
}

/**
 * Brings instances that were away to the newest flags, and to what a tenant's plan, a new tenant or a moment of a schedule
 * has made of them.
 */
export const refreshFlagsTimer = ({ publishFlagsOf }: Deps) => ({
  name: "refresh-flags",
  schedule: "5,25,45 * * * * *",
  startsWorkflows: true as const,
  run: (context: InvocationContext): Promise<void> => publishFlagsOf(context)(false),
});
