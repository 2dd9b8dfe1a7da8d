import type { ReceiveCall } from "../../shared/users/receive-call.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readSignedCall } from "./read-signed-call.ts";

interface Deps {
  readonly receiveCall: ReceiveCall;
}

/** `POST /api/webhooks/zitadel` (C4): an event call of Actions v2. 200 also for what is repeated or of no concern. */
export const zitadelWebhookHttp = ({ receiveCall }: Deps): HttpFunction => ({
  name: "zitadel-webhook",
  method: "POST",
  route: "api/webhooks/zitadel",
  access: "gateway",
  handler: async (request) => json(200, { event: await receiveCall(await readSignedCall(request)) }),
});
