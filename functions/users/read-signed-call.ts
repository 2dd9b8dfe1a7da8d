import type { HttpRequest } from "@azure/functions";
import type { SignedCall } from "../../shared/users/verify-call.ts";
import { readBytes } from "../http/read-bytes.ts";

/** The gateway's own limit for both targets is the same. */
const bodyBytesMax = 256 * 1024;

/** @throws DomainError `too-large` */
export const readSignedCall = async (request: HttpRequest): Promise<SignedCall> => ({
  // Header names know no case; the proto's comments call it X-ZITADEL-Signature, the code does not.
  signature: request.headers.get("zitadel-signature"),
  body: await readBytes(request, bodyBytesMax),
});
