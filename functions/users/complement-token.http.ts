import type { ComplementToken } from "../../shared/users/complement-token.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readSignedCall } from "./read-signed-call.ts";

interface Deps {
  readonly complementToken: ComplementToken;
}

/** `POST /api/internal/token-complement`: an Actions v2 target of `preaccesstoken` and `preuserinfo`. */
export const complementTokenHttp = ({ complementToken }: Deps): HttpFunction => ({
  name: "complement-token",
  method: "POST",
  route: "api/internal/token-complement",
  access: "gateway",
  handler: async (request) => json(200, await complementToken(await readSignedCall(request))),
});
