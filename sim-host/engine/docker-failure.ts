import { z } from "zod";
import type { ErrorCode } from "../../shared/kernel/errors.ts";
import { DomainError } from "../../shared/kernel/errors.ts";

const Answered = z.object({ statusCode: z.number(), message: z.string() });
const Coded = z.object({ code: z.string() });
const unreachable: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "EACCES",
  "ENOTSOCK",
]);

/** Answers whose status alone would be understood wrongly: full address pools come as 404. */
const known: readonly { readonly text: RegExp; readonly code: ErrorCode; readonly message: string }[] = [
  {
    text: /non-overlapping IPv4 address pool|no available IPv4 addresses/,
    code: "unavailable",
    message: "The engine has no addresses left.",
  },
  {
    text: /exchange full/,
    code: "unavailable",
    message: "The network is full: the engine cannot take another node on it.",
  },
  { text: /Pool overlaps/, code: "conflict", message: "The network's addresses are taken in the engine." },
  { text: /has (\d+ )?active endpoint/, code: "conflict", message: "There are still nodes on the network." },
  { text: /Address already in use/, code: "conflict", message: "The node's address is taken on its network." },
];

const codeOf: Readonly<Record<number, ErrorCode>> = {
  400: "invalid-input",
  403: "conflict",
  404: "not-found",
  409: "conflict",
};
const sentenceOf = (code: ErrorCode, what: string): string => {
  if (code === "not-found") return `The engine could not ${what}: it is gone.`;
  if (code === "conflict") return `The engine could not ${what} in its present state.`;
  if (code === "invalid-input") return `The engine refused to ${what} as asked.`;
  return `The engine failed to ${what}.`;
};

/** The status of the engine's own answer behind a failure; undefined when it did not answer. */
export const statusBehind = (error: unknown): number | undefined =>
  Answered.safeParse(error instanceof DomainError ? error.cause : error).data?.statusCode;

/** The engine's own words behind a failure: for decisions and logs, never for a tenant. */
export const wordsBehind = (error: unknown): string =>
  Answered.safeParse(error instanceof DomainError ? error.cause : error).data?.message ?? "";

/** A failure that callers may learn about; what the engine itself said stays in `cause`. `what` continues "could not". */
export const dockerFailure = (what: string, cause: unknown): DomainError => {
  if (cause instanceof DomainError) return cause;
  const answered = Answered.safeParse(cause).data;
  if (answered !== undefined) {
    const match = known.find(({ text }) => text.test(answered.message));
    if (match !== undefined) return new DomainError(match.code, match.message, { cause });
    const code = codeOf[answered.statusCode] ?? "unavailable";
    return new DomainError(code, sentenceOf(code, what), { cause });
  }
  const isOver = cause instanceof Error && (cause.name === "TimeoutError" || cause.name === "AbortError");
  if (isOver) return new DomainError("unavailable", `The engine did not answer in time to ${what}.`, { cause });
  const isGone = unreachable.has(Coded.safeParse(cause).data?.code ?? "");
  const message = isGone ? "The engine cannot be reached." : sentenceOf("unavailable", what);
  return new DomainError("unavailable", message, { cause });
};
