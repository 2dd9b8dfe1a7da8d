import { z } from "zod";

import { Target } from "./calls.ts";
import { MachineUser } from "./machine-user.ts";

const Origin = z.url({ protocol: /^https?$/ }).refine((value) => new URL(value).origin === value, {
  message: "must be an origin such as http://localhost:8080, without a path",
});

/** Zitadel's default life of an access token. */
export const defaultAccessTokenSeconds = 12 * 60 * 60;

/** Configuration of the part. `issuer` may be left out: it is then `http://localhost:<bound port>`. */
export const IdentityProviderConfig = z.strictObject({
  port: z.int().min(0).max(65_535),
  host: z.string().min(1).default("127.0.0.1"),
  issuer: Origin.refine((value) => value.startsWith("http://"), {
    message: "must be http://: this development provider does not terminate TLS",
  }).optional(),
  /** Directory of the keys (0600) and of the sessions; made when absent. */
  dataDirectory: z.string().min(1),
  redirectUris: z.array(z.url({ protocol: /^https?$/ })).min(1),
  /** Where the operators' dashboard gets people back; without any there is no such client. */
  dashboardRedirectUris: z.array(z.url({ protocol: /^https?$/ })).default([]),
  /** Origins whose scripts may call the token and userinfo endpoints. */
  allowedOrigins: z.array(Origin),
  /** Who is told of changes of people, organisations and grants, as Zitadel's Actions v2 do. */
  webhook: Target.optional(),
  /** Who is asked for more claims before a token is signed. */
  complement: Target.optional(),
  machineUser: MachineUser.optional(),
  accessTokenSeconds: z.int().min(1).max(2_592_000).default(defaultAccessTokenSeconds),
});

/** What callers give; defaults may be left out. */
export type IdentityProviderOptions = z.input<typeof IdentityProviderConfig>;
