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

/** What ARM said in a failed call, in its own innermost words. */
export const reasonOf = (error: unknown): string => {
  const { statusCode, code, response } = Failure.safeParse(error).data ?? {};
  const said = innermostReason(parsedBody(response?.bodyAsText));
  if (said !== undefined) return said;
  const what = statusCode === undefined ? "not reached" : `status ${statusCode}`;
  return code === undefined || code === String(statusCode) ? what : `${what} (${code})`;
};

/** Codes of a 409 that stand for something else than a moment's conflict. */
const finalConflicts = /quota|notavailable|notsupported|invalid|locked|policy/i;

/** Whether repeating a call cannot help. A 403 may pass: a fresh role assignment takes minutes to apply. */
export const isRefusal = (error: unknown): boolean => {
  const status = statusOf(error);
  if (status === undefined || status >= 500) return false;
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
