import { z } from "zod";
import { DomainError } from "../../kernel/errors.ts";

interface ArmFault {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly details?: readonly ArmFault[] | undefined;
}

const Fault: z.ZodType<ArmFault> = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  details: z
    .array(z.lazy(() => Fault))
    .optional()
    .catch(undefined),
});

const depthMax = 8;

/** ARM packs the error of a resource provider as JSON text into a message. */
const packedFault = (message: string | undefined): ArmFault | undefined => {
  const start = message?.indexOf("{") ?? -1;
  if (message === undefined || start < 0) return undefined;
  try {
    return faultOf(JSON.parse(message.slice(start)));
  } catch {
    // Words with a brace in them, not JSON: the words are the message.
    return undefined;
  }
};

/** The fault in a body `{ error: { code, message, details } }`, or in the inner part itself. */
const faultOf = (value: unknown): ArmFault | undefined => {
  const wrapped = z.object({ error: Fault }).safeParse(value);
  const fault = wrapped.success ? wrapped.data.error : Fault.safeParse(value).data;
  return fault?.code === undefined && fault?.message === undefined ? undefined : fault;
};

const innermost = (fault: ArmFault, depth = 0): ArmFault => {
  if (depth >= depthMax) return fault;
  const inner = fault.details?.[0] ?? packedFault(fault.message);
  return inner === undefined ? fault : innermost(inner, depth + 1);
};

/** The innermost code and words of an error as ARM nests them; undefined where there is none. */
export const innermostReason = (value: unknown): string | undefined => {
  const fault = faultOf(value);
  if (fault === undefined) return undefined;
  const { code, message } = innermost(fault);
  return [code, message].filter((part) => part !== undefined && part !== "").join(": ");
};

const Failure = z.object({
  statusCode: z.number().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  /** The body, as some of the clients give it. */
  details: z.unknown().optional(),
  response: z
    .object({ bodyAsText: z.string().nullish(), headers: z.custom<{ get(name: string): string | undefined }>() })
    .optional()
    .catch(undefined),
});

export const statusOf = (error: unknown): number | undefined => Failure.safeParse(error).data?.statusCode;

/** Seconds of a Retry-After header, which may also be a date. */
export const retryAfterSecondsOf = (header: string | undefined, now: Date): number | undefined => {
  if (header === undefined || header === "") return undefined;
  const seconds = Number(header);
  const wanted = Number.isFinite(seconds) ? seconds : (Date.parse(header) - now.getTime()) / 1000;
  return Number.isFinite(wanted) && wanted >= 0 ? Math.ceil(wanted) : undefined;
};

const parsedBody = (text: string | null | undefined): unknown => {
  try {
    return JSON.parse(text ?? "");
  } catch {
    // A proxy's page or nothing at all: the status has to do.
    return undefined;
  }
};

/** The SDK's code for an answer that it cannot read. */
const unreadable = "PARSE_ERROR";

/** What somebody else has answered in the resource manager's place, as the SDK says of what it cannot read. */
export class ForeignAnswer extends Error {
  override readonly name = "ForeignAnswer";
  readonly code = unreadable;
  readonly statusCode: number;
  constructor(statusCode: number) {
    super("The resource manager's answer is not JSON.");
    this.statusCode = statusCode;
  }
}

/** What ARM said in a failed call, in its own innermost words. */
export const reasonOf = (error: unknown): string => {
  const { statusCode, code, message, details, response } = Failure.safeParse(error).data ?? {};
  const what = statusCode === undefined ? "not reached" : `status ${statusCode}`;
  if (code === unreadable) {
    return `Azure Resource Manager answered something that is not JSON (${what}): a proxy may have answered in its place.`;
  }
  // Of long-running calls the SDK keeps no body, only the outermost code and words.
  const words = statusCode === undefined || code === undefined ? undefined : { code, message };
  const said = innermostReason(parsedBody(response?.bodyAsText)) ?? innermostReason(details) ?? innermostReason(words);
  if (said !== undefined) return said;
  return code === undefined || code === String(statusCode) ? what : `${what} (${code})`;
};

/** Codes of a 409 that stand for something else than a moment's conflict. */
const finalConflicts = /quota|notavailable|notsupported|invalid|locked|policy/i;

/**
 * Whether repeating a call cannot help. A 403 may pass: a fresh role assignment takes minutes to apply. An answer that
 * cannot be read refuses nothing: whatever ARM decided, the next one says.
 */
export const isRefusal = (error: unknown): boolean => {
  const { statusCode: status, code } = Failure.safeParse(error).data ?? {};
  if (status === undefined || status < 400 || status >= 500 || code === unreadable) return false;
  if (status === 409) return finalConflicts.test(reasonOf(error).split(":")[0] ?? "");
  return ![401, 403, 408, 412, 429].includes(status);
};

/** The error as trouble that may pass, with what ARM said and the wait it asks for. */
export const unavailable = (error: unknown, now: Date): DomainError => {
  const header = Failure.safeParse(error).data?.response?.headers.get("retry-after");
  const retryAfterSeconds = retryAfterSecondsOf(header, now);
  return new DomainError("unavailable", `The resource manager did not accept the request: ${reasonOf(error)}`, {
    cause: error,
    facts: retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
  });
};
