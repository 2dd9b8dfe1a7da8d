import type { ServerResponse } from "node:http";

/** Everything the gateway itself refuses or fails at, by stable code; an upstream's own errors pass unchanged. */
export type GatewayProblemCode =
  | "invalid-request"
  | "unauthenticated"
  | "not-found"
  | "too-large"
  | "rate-limited"
  | "internal"
  | "upstream-unavailable"
  | "upstream-timeout"
  | "stack-unavailable"
  | "identity-provider-unavailable";

const table = {
  "invalid-request": [400, "Bad request"],
  unauthenticated: [401, "Not signed in"],
  "not-found": [404, "Not found"],
  "too-large": [413, "Too large"],
  "rate-limited": [429, "Too many requests"],
  internal: [500, "Internal error"],
  "upstream-unavailable": [502, "Not available at the moment"],
  "stack-unavailable": [503, "Not available at the moment"],
  "identity-provider-unavailable": [503, "Not available at the moment"],
  "upstream-timeout": [504, "Not available at the moment"],
} as const satisfies Record<GatewayProblemCode, readonly [number, string]>;

interface GatewayProblemOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly isLasting?: boolean;
}

/** A request the gateway answers itself. `detail` is shown to the caller; `cause` is only logged. */
export class GatewayProblem extends Error {
  override readonly name = "GatewayProblem";
  readonly code: GatewayProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  /** Where it is not the code's own. */
  readonly status: number | undefined;
  /** True when it will be the same in a moment: nobody is told to come back. */
  readonly isLasting: boolean;
  constructor(code: GatewayProblemCode, detail: string, options: GatewayProblemOptions = {}) {
    super(detail, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.headers = options.headers ?? {};
    this.status = options.status;
    this.isLasting = options.isLasting ?? false;
  }
}

const codesOfStatus: Readonly<Record<number, GatewayProblemCode>> = {
  401: "unauthenticated",
  404: "not-found",
  413: "too-large",
  429: "rate-limited",
  502: "upstream-unavailable",
  503: "upstream-unavailable",
  504: "upstream-timeout",
};

const details: Readonly<Partial<Record<GatewayProblemCode, string>>> = {
  "not-found": "There is nothing at this address.",
  "invalid-request": "The request is not well-formed.",
  "upstream-unavailable": "The service behind the gateway is not ready. Try again in a moment.",
};

/** The document for an error of which only the status is known. */
export const problemOfStatus = (status: number): GatewayProblem => {
  const code = codesOfStatus[status] ?? (status < 500 ? "invalid-request" : "internal");
  return new GatewayProblem(code, details[code] ?? table[code][1], { status });
};

/** True for an error without a word: the Functions host's own 404, 401 and 503. */
export const isEmptyError = (status: number, type: string | undefined, length: string | undefined): boolean =>
  status >= 400 && type === undefined && length === "0";

export interface ProblemContext {
  /** The correlation id, as the document's `requestId`. */
  readonly requestId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const retryAfterSeconds = 5;

/** Answers with an RFC 9457 document; kong/plugins/kombify-problem/problem.lua makes the same. */
export const sendProblem = (response: ServerResponse, problem: GatewayProblem, context: ProblemContext): void => {
  const { code, message: detail } = problem;
  const [ownStatus, title] = table[code];
  const status = problem.status ?? ownStatus;
  const type = `https://docs.kombify.io/problems/${code}`;
  const body = JSON.stringify({ type, title, status, code, detail, requestId: context.requestId });
  response.writeHead(status, {
    ...context.headers,
    ...(status === 503 && !problem.isLasting ? { "Retry-After": String(retryAfterSeconds) } : {}),
    ...problem.headers,
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
};
