import { z } from "zod";

/** What a request asks of the manager. `token` is the check of the bearer token, before anything else of any request. */
const Operation = z.enum(["validate", "whatIf", "deploy", "get", "poll", "cancel", "list", "delete", "token"]);
export type Operation = z.infer<typeof Operation>;

const milliseconds = z.number().int().min(1).max(3_600_000);
const seconds = z.number().int().min(1).max(3600);
const moment = z.enum(["before", "after"]).default("before");

/** Faults of one answer, whatever was asked. `when: "after"`: what was asked for is done, only its answer is lost. */
const answerFaults = [
  z.strictObject({ kind: z.literal("slow"), milliseconds, retryAfterSeconds: seconds.optional() }),
  z.strictObject({ kind: z.literal("throttled"), retryAfterSeconds: seconds.default(1) }),
  z.strictObject({
    kind: z.literal("server-error"),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).default(500),
    body: z.enum(["arm", "html", "none"]).default("arm"),
    retryAfterSeconds: seconds.optional(),
    when: moment,
  }),
  z.strictObject({ kind: z.literal("conflict"), code: z.enum(["DeploymentActive", "Conflict"]).default("Conflict") }),
  z.strictObject({ kind: z.literal("locked") }),
  z.strictObject({ kind: z.literal("expired-token") }),
  z.strictObject({ kind: z.literal("reset"), when: moment }),
  z.strictObject({ kind: z.literal("hang") }),
  z.strictObject({ kind: z.literal("garbage"), body: z.enum(["html", "truncated-json"]) }),
] as const;

/** Faults of what the request begins. */
const effectFaults = [
  z.strictObject({ kind: z.literal("quota-exceeded") }),
  z.strictObject({ kind: z.literal("lost") }),
  z.strictObject({ kind: z.literal("slow-steps"), milliseconds, retryAfterSeconds: seconds.optional() }),
  z.strictObject({
    kind: z.literal("failed-step"),
    step: z.enum(["claim-instance", "prepare-superuser", "start-server"]),
    when: moment.unwrap().default("after"),
    code: z.string().min(1).default("ResourceDeploymentFailure"),
    message: z.string().min(1).default("The resource operation completed with terminal provisioning state 'Failed'."),
  }),
  z.strictObject({ kind: z.literal("slow-delete"), milliseconds }),
] as const;

const Fault = z.discriminatedUnion("kind", [...answerFaults, ...effectFaults]);
export type Fault = z.infer<typeof Fault>;
export type AnswerFault = z.infer<(typeof answerFaults)[number]>;

/** Where the faults that are not of one answer can happen. */
const homes: Partial<Record<Fault["kind"], readonly Operation[]>> = {
  "quota-exceeded": ["deploy", "validate", "whatIf"],
  lost: ["deploy"],
  "slow-steps": ["deploy"],
  "failed-step": ["deploy"],
  "slow-delete": ["delete"],
};

export const isAnswerFault = (fault: Fault): fault is AnswerFault => homes[fault.kind] === undefined;

const FaultRule = z.strictObject({
  /** Without an operation: every request. Names may have `*` for any text; an instance's deployment counts as well. */
  match: z
    .strictObject({ operation: Operation.optional(), instanceName: z.string().min(1).max(128).optional() })
    .default({}),
  /** How many requests it happens to; without it, all until it is removed. */
  times: z.number().int().min(1).optional(),
  /** How long it is in force; without it, until it is removed. */
  forSeconds: seconds.optional(),
  fault: Fault,
});

/** The body of `PUT /dev/faults`: the whole list, of which the first that matches a request happens to it. */
export const FaultRules = z
  .array(
    FaultRule.refine(({ match, fault }) => {
      const home = homes[fault.kind];
      return home === undefined || (match.operation !== undefined && home.includes(match.operation));
    }, "this fault needs the operation it happens to in its match"),
  )
  .max(100);

/** A rule as it is kept: `fired` counts the requests it happened to. */
export const StoredFaultRules = z.array(
  FaultRule.extend({ fired: z.number().int(), expiresAt: z.string().optional() }),
);
export type StoredFaultRule = z.infer<typeof StoredFaultRules>[number];

const asPattern = (glob: string): RegExp => {
  const parts = glob.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "i");
};

/** Whether the rule is in force for a request that asks for this (undefined: for what has no word) and has to do with these names. */
export const matches = (
  rule: StoredFaultRule,
  operation: Operation | undefined,
  { names, now }: { readonly names: readonly string[]; readonly now: Date },
): boolean => {
  const { match, times, fired, expiresAt } = rule;
  if (times !== undefined && fired >= times) return false;
  if (expiresAt !== undefined && now.toISOString() >= expiresAt) return false;
  // A rule for every request takes effect once on each of them, not at the token as well.
  if (match.operation === undefined ? operation === "token" : match.operation !== operation) return false;
  if (match.instanceName === undefined) return true;
  const pattern = asPattern(match.instanceName);
  return names.some((name) => pattern.test(name));
};
