import type { LaunchKeys } from "../../shared/sso/launch-keys.ts";
import type { HttpFunction } from "../http/http-function.ts";

const maxAgeSeconds = 300;

/** `GET /.well-known/jwks.json`: public halves of the launch keys, the next one included. */
export const jwksHttp = ({ keys }: { readonly keys: LaunchKeys }): HttpFunction => ({
  name: "jwks",
  method: "GET",
  route: ".well-known/jwks.json",
  access: "anyone",
  handler: async () => ({
    status: 200,
    headers: { "content-type": "application/jwk-set+json", "cache-control": `public, max-age=${maxAgeSeconds}` },
    body: JSON.stringify(await keys.publicKeys()),
  }),
});
