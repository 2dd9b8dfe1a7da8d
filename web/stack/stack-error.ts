import { ClientResponseError } from "pocketbase";
import { anyObject } from "../page/shape.ts";

/** A call to the Stack that failed, in words for the person in front of the page. */
export interface StackFailure {
  /** `ended`: signed in no longer; `suspended`: the tenant is paused; `passing`: trying again may help. */
  readonly kind: "ended" | "suspended" | "passing" | "refused";
  readonly message: string;
  /** What is wrong with which field, by its name. */
  readonly fieldErrors: Readonly<Record<string, string>>;
}

interface Finding {
  readonly code: string;
  readonly message: string;
}

const findingOf = (value: unknown): Finding | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, message } = anyObject(value);
  return typeof code === "string" && typeof message === "string" ? { code, message } : undefined;
};

const findingsOf = (data: unknown): Readonly<Record<string, Finding>> => {
  if (typeof data !== "object" || data === null) return {};
  const found = Object.entries(data).map(([name, value]) => [name, findingOf(value)] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, Finding] => entry[1] !== undefined));
};

const sentences: Readonly<Record<string, string>> = {
  validation_not_unique: "This is taken already.",
  validation_required: "Please fill this in.",
};

const deleteOne = "Delete one you no longer need, or choose a larger plan.";

/** What helps against the plan's limits, by the code of the refusal. */
const remedies: Readonly<Record<string, string>> = {
  "node-limit-reached": deleteOne,
  "service-limit-reached": deleteOne,
  "storage-limit-reached": "Delete what you no longer need, or choose a larger plan.",
};

const failure = (
  kind: StackFailure["kind"],
  message: string,
  fieldErrors: StackFailure["fieldErrors"] = {},
): StackFailure => ({ kind, message, fieldErrors });

/** The tenant's own refusals, made by the Stack's hooks (`data.tenant.code`). */
const tenantFailure = ({ code, message }: Finding): StackFailure => {
  if (code === "tenant-suspended") return failure("suspended", "Access is paused for everybody in your organisation.");
  if (code === "login-ended" || code === "tenant-foreign" || code === "tenant-unknown")
    return failure("ended", "Your session has ended.");
  const remedy = remedies[code];
  return failure("refused", remedy === undefined ? message : `${message} ${remedy}`);
};

/** Reads PocketBase's error answer: `{ status, message, data: { <field>: { code, message } } }`. */
export const toStackFailure = (error: unknown): StackFailure => {
  if (!(error instanceof ClientResponseError)) return failure("passing", "Something unexpected happened on this page.");
  const { tenant, ...fields } = findingsOf(error.response["data"]);
  if (tenant !== undefined) return tenantFailure(tenant);
  if (error.status === 401) return failure("ended", "Your session has ended.");
  if (error.status === 0) return failure("passing", "The Stack cannot be reached. Check your connection.");
  if (error.status === 429 || error.status >= 500) {
    return failure("passing", "The Stack does not answer properly at the moment.");
  }
  const fieldErrors = Object.entries(fields).map(([name, { code, message }]): readonly [string, string] => [
    name,
    sentences[code] ?? message,
  ]);
  const message = error.status === 404 ? "This is no longer there." : "The Stack did not accept this.";
  return failure("refused", message, Object.fromEntries(fieldErrors));
};

/** True when the person cannot go on in the Stack, whatever is tried again. */
export const isOutside = ({ kind }: StackFailure): boolean => kind === "ended" || kind === "suspended";
