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

/** A request the gateway answers itself. `detail` is shown to the caller; `cause` is only logged. */
export class GatewayProblem extends Error {
  override readonly name = "GatewayProblem";
  readonly code: GatewayProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: GatewayProblemCode,
    detail: string,
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

export interface ProblemContext {
  /** The correlation id, as the document's `requestId`. */
  readonly requestId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers with an RFC 9457 document; kong/plugins/kombify-problem/problem.lua makes the same. */
export const sendProblem = (response: ServerResponse, problem: GatewayProblem, context: ProblemContext): void => {
  const { code, message: detail } = problem;
  const [status, title] = table[code];
  const type = `https://docs.kombify.io/problems/${code}`;
  const body = JSON.stringify({ type, title, status, code, detail, requestId: context.requestId });
  response.writeHead(status, {
    ...context.headers,
    ...problem.headers,
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
};
