import type { TokenSpec } from "./gateway-stage.ts";

/** One request and what must come of it, at the client and at the upstream. */
export interface Scenario {
  readonly title: string;
  readonly method?: string;
  /** Sent as it stands: nothing normalises it on the way out. */
  readonly path: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Signed by the stage's issuer; absent: no Authorization header. */
  readonly token?: TokenSpec;
  readonly body?: string;
  /** Without a Content-Length. */
  readonly isChunked?: boolean;
  readonly status: number;
  /** The `code` of the gateway's own problem document. */
  readonly code?: string;
  readonly upstream?: ExpectedUpstream;
  readonly responseHeaders?: Readonly<Record<string, string | undefined>>;
}

export interface ExpectedUpstream {
  readonly service: "functions" | "stack" | "simHost";
  readonly url: string;
  /** Lower-case names; undefined: must be absent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A usual user with a usual token. */
export const user: TokenSpec = {};
/** Every identity header and key a client might try to bring along, in several spellings. */
export const forged = (value: string) =>
  [
    ["X-User-ID", value],
    ["x-user-id", value],
    ["X_User_ID", value],
    ["X-User_ID", value],
    ["X-Org-ID", value],
    ["x_org_id", value],
    ["X-User-Email", value],
    ["X_USER_EMAIL", value],
    ["X-Subscription-Plan", value],
    ["X_Subscription_Plan", value],
    ["x-functions-key", value],
    ["x_functions_key", value],
    ["X-Kombify-Gateway-Key", value],
    ["x-kombify-gateway_key", value],
    ["X-Consumer-ID", value],
    ["X-Consumer-Username", value],
    ["X-Credential-Identifier", value],
    ["X-Anonymous-Consumer", value],
    ["X-MS-Client-Principal", value],
    ["X-MS-Client-Principal-ID", value],
    ["X-Authenticated-Userid", value],
  ] as const;
