import { z } from "zod";
import type { ApplyFlags, ApplyOutcome } from "../../shared/flags/apply-flags.ts";
import { publishFlagsActivity as activity } from "./publish-flags.names.ts";

interface Deps {
  readonly applyFlags: ApplyFlags;
}

const Work = z.object({ instanceId: z.string() });

/** The workflow's activity. It may run more than once, and beside others. */
export const publishFlagsActivities = ({ applyFlags }: Deps) => [
  {
    name: activity.apply,
    run: (input: unknown): Promise<ApplyOutcome> => applyFlags(Work.parse(input).instanceId),
  },
];
