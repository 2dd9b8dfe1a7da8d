/** Every failure a caller may learn about, by stable code. `shared/gateway/problem.ts` gives each its HTTP status. */
export type ErrorCode =
  | "invalid-input"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "too-large"
  | "precondition-failed"
  | "unavailable"
  | "slug-invalid"
  | "slug-taken"
  | "organisation-has-tenant"
  | "organisation-missing"
  | "idempotency-key-reused"
  | "tenant-not-found"
  | "tenant-not-active"
  | "tenant-suspended"
  | "launch-token-invalid"
  | "launch-token-expired"
  | "launch-token-replayed"
  | "launch-origin-refused"
  | "user-limit-reached"
  | "access-withdrawn"
  | "zitadel-signature-invalid"
  | "identity-provider-unavailable"
  | "stack-unavailable"
  | "flags-revision-older"
  | "instance-state"
  | "instance-not-empty"
  | "report-signature-invalid"
  | "stripe-signature-invalid"
  | "billing-not-configured"
  | "billing-unavailable"
  | "billing-subscription-exists"
  | "billing-nothing-bought"
  | "kit-not-found"
  | "kit-version-yanked"
  | "kit-spec-invalid"
  | "kit-unverified"
  | "kit-not-tried"
  | "range-not-satisfiable"
  | "plan-required"
  | "operation-not-cancellable"
  | "operation-not-retryable"
  | "content-type-unsupported"
  | "stream-limit-reached"
  | "topology-invalid"
  | "simulation-not-found"
  | "simulation-limit-reached"
  | "simulation-state"
  | "walls-down"
  | "ticket-invalid"
  | "no-room";

interface DomainErrorOptions extends ErrorOptions {
  /** Facts for the problem document beside `code` and `detail`; shown to the caller, so never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A failure the caller may learn about. `message` and `facts` are shown to the caller; `cause` is only logged. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;
  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
