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
  "invalid-request": [400, "Invalid request"],
  unauthenticated: [401, "Unauthenticated"],
  "not-found": [404, "Not found"],
  "too-large": [413, "Too large"],
  "rate-limited": [429, "Rate limited"],
  internal: [500, "Internal error"],
  "upstream-unavailable": [502, "Upstream unavailable"],
  "stack-unavailable": [503, "Stack unavailable"],
  "identity-provider-unavailable": [503, "Identity provider unavailable"],
  "upstream-timeout": [504, "Upstream timeout"],
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

/** Answers with an RFC 9457 document, the same members as kong/plugins/kombify-problem makes. */
export const sendProblem = (
  response: ServerResponse,
  problem: GatewayProblem,
  headers: Readonly<Record<string, string>>,
): void => {
  const [status, title] = table[problem.code];
  const body = JSON.stringify({ type: "about:blank", title, status, code: problem.code, detail: problem.message });
  response.writeHead(status, {
    ...headers,
    ...problem.headers,
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
};
