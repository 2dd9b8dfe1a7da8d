import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../kernel/errors.ts";
import { retryContention } from "../../kernel/retry.ts";

/** 449: two requests met inside the service; nothing was written, and the SDK leaves the repeat to its user. */
const retryWith = 449;
const retryWithAttemptsMax = 6;
const retryWithPauseMilliseconds = 500;

const unavailableStatuses = new Set([408, 410, 429, retryWith, 500, 502, 503, 504]);
/** 404s that are not about the document: session not there yet, container or database missing. */
const unavailableSubstatuses = new Set([1002, 1003]);
const unavailableNames = new Set([
  // A token that cannot be had.
  "AuthenticationError",
  "CredentialUnavailableError",
  // The time is up.
  "AbortError",
  "TimeoutError",
  // What answered is not Cosmos: its answer is not JSON.
  "SyntaxError",
]);

interface CosmosFailure {
  /** HTTP status, or the name of a failure on the way ("ECONNREFUSED", "REQUEST_SEND_ERROR", "TimeoutError"). */
  readonly code: unknown;
  readonly substatus: unknown;
  readonly name: unknown;
}

const facts = (error: unknown): CosmosFailure => {
  const { code, substatus, name }: Partial<CosmosFailure> = typeof error === "object" && error !== null ? error : {};
  return { code, substatus, name };
};

/** Whether Cosmos answered with this HTTP status about the document itself. */
export const isStatus = (error: unknown, status: number): boolean => {
  const { code, substatus } = facts(error);
  return code === status && !(status === 404 && unavailableSubstatuses.has(Number(substatus)));
};

const isUnavailable = (error: unknown): boolean => {
  const { code, substatus, name } = facts(error);
  if (typeof name === "string" && unavailableNames.has(name)) return true;
  // Names that begin with ERR_ are Node's for a call that is wrong in itself.
  if (typeof code === "string") return !code.startsWith("ERR_");
  return unavailableStatuses.has(Number(code)) || (code === 404 && unavailableSubstatuses.has(Number(substatus)));
};

/** Rejects at the abort even when the SDK sleeps between its repeats; it sends nothing after that. */
const cutOff = <R>(abortSignal: AbortSignal, result: Promise<R>): Promise<R> => {
  const { promise, reject } = Promise.withResolvers<never>();
  abortSignal.addEventListener("abort", () => reject(new DOMException("The time is up.", "TimeoutError")));
  return Promise.race([result, promise]);
};

/** One operation of the SDK, which may be started several times. */
export type CosmosOperation<R> = (abortSignal: AbortSignal) => Promise<R>;

/** Runs an operation within the store's limits. */
export type CallCosmos = <R>(operation: CosmosOperation<R>) => Promise<R>;

/**
 * Runs one operation of the SDK with a time limit, repeats it while Cosmos says "retry with", and turns throttling and
 * every failure on the way into `unavailable`. Other answers (409, 412, ...) are thrown as they came.
 */
export const makeCallCosmos =
  (operationTimeoutMilliseconds: number): CallCosmos =>
  async <R>(operation: CosmosOperation<R>): Promise<R> => {
    const abortSignal = AbortSignal.timeout(operationTimeoutMilliseconds);
    const policy = {
      attemptsMax: retryWithAttemptsMax,
      pauseMillisecondsMax: retryWithPauseMilliseconds,
      random: Math.random,
      sleep: (milliseconds: number) => sleep(milliseconds),
    };
    const isRetryWith = (error: unknown): boolean => isStatus(error, retryWith) && !abortSignal.aborted;
    try {
      return await retryContention(policy, isRetryWith, () => cutOff(abortSignal, operation(abortSignal)));
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      throw new DomainError("unavailable", "The document store cannot answer at present.", { cause: error });
    }
  };
