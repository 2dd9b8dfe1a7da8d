import type { ErrorCode } from "../kernel/errors.ts";
import { DomainError } from "../kernel/errors.ts";

/** The only table from error codes to HTTP statuses; a code without a status does not compile. */
const statusOf = {
  "invalid-input": 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "too-large": 413,
  "precondition-failed": 412,
  unavailable: 503,
  "slug-invalid": 400,
  "slug-taken": 409,
  "organisation-has-tenant": 409,
  "organisation-missing": 403,
  "idempotency-key-reused": 409,
  "tenant-not-found": 404,
  "tenant-not-active": 409,
  "tenant-suspended": 403,
  "launch-token-invalid": 401,
  "launch-token-expired": 401,
  "launch-token-replayed": 401,
  "launch-origin-refused": 403,
  "user-limit-reached": 403,
  "access-withdrawn": 403,
  "zitadel-signature-invalid": 401,
  "identity-provider-unavailable": 503,
  "stack-unavailable": 503,
  "flags-revision-older": 409,
  "instance-state": 409,
  "instance-not-empty": 409,
  "report-signature-invalid": 401,
  "stripe-signature-invalid": 400,
  "billing-not-configured": 409,
  "billing-unavailable": 503,
  "billing-subscription-exists": 409,
  "billing-nothing-bought": 409,
  "kit-not-found": 404,
  "kit-version-yanked": 410,
  "kit-spec-invalid": 422,
  "kit-unverified": 503,
  "kit-not-tried": 409,
  "range-not-satisfiable": 416,
  "plan-required": 403,
  "operation-not-cancellable": 409,
  "operation-not-retryable": 409,
  "content-type-unsupported": 415,
  "stream-limit-reached": 429,
  "topology-invalid": 422,
  "simulation-not-found": 404,
  "simulation-limit-reached": 409,
  "simulation-state": 409,
  "walls-down": 503,
  "ticket-invalid": 401,
  "no-room": 503,
} as const satisfies Record<ErrorCode, number>;

const titleOf: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  409: "Conflict",
  410: "Gone",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Content type not supported",
  416: "Range not satisfiable",
  422: "Not valid",
  429: "Too many at once",
  500: "Internal error",
  503: "Not available at the moment",
};

const retryAfterSeconds = 5;

/** An answer with the body of RFC 9457, as text. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface ProblemMembers {
  readonly code: string;
  readonly detail: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

const problem = (
  status: number,
  { code, detail, facts = {} }: ProblemMembers,
  requestId: string | undefined,
): Problem => ({
  status,
  headers: {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(status === 503 || status === 429 ? { "retry-after": String(retryAfterSeconds) } : {}),
  },
  body: JSON.stringify({
    // First, so that a fact can never take the place of a standard member.
    ...facts,
    type: `https://docs.kombify.io/problems/${code}`,
    title: titleOf[status] ?? "Error",
    status,
    code,
    detail,
    ...(requestId === undefined ? {} : { requestId }),
  }),
});

/** A failure as a problem document with its stable `code`. What is not a DomainError says nothing of itself. */
export const problemOf = (error: unknown, requestId?: string): Problem =>
  error instanceof DomainError
    ? problem(statusOf[error.code], { code: error.code, detail: error.message, facts: error.facts }, requestId)
    : problem(500, { code: "internal", detail: "Something went wrong on our side. It has been logged." }, requestId);
