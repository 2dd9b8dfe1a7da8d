import { createHmac } from "node:crypto";

import { z } from "zod";

/** A target of Actions v2: an address and the key its calls are signed with. */
export const Target = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  signingKey: z.string().min(16),
  timeoutMilliseconds: z.int().min(10).max(270_000).default(2_000),
});
export type Target = z.output<typeof Target>;

/** Posts signed as Zitadel signs (`pkg/actions/signing.go`). @throws when there is no answer in time */
export const callTarget = (target: Target, body: string, now: Date): Promise<Response> => {
  const seconds = Math.floor(now.getTime() / 1000);
  const digest = createHmac("sha256", target.signingKey).update(`${seconds}.${body}`).digest("hex");
  return fetch(target.url, {
    method: "POST",
    headers: { "content-type": "application/json", "zitadel-signature": `t=${seconds},v1=${digest}` },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(target.timeoutMilliseconds),
  });
};
