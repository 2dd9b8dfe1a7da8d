import type { IncomingMessage, ServerResponse } from "node:http";

import type { MachineTokens } from "./machine-user.ts";
import { jwtBearerGrant } from "./machine-user.ts";
import { Refusal, sendJson } from "../process/problem.ts";
import { readBody } from "./request-body.ts";

const firstChunk = (request: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const take = (): void => {
      const chunk: unknown = request.read();
      if (chunk === null) request.once("readable", take);
      else resolve(Buffer.isBuffer(chunk) ? chunk : undefined);
    };
    request.once("error", reject);
    request.once("end", () => resolve(undefined));
    request.once("readable", take);
  });

/**
 * Answers a machine user's request for a token, which `oidc-provider` has no grant for. Anything else is left to it as it
 * came: of the body only the beginning was looked at, and put back. False: not a machine user's.
 */
export const takeMachineGrant = async (
  request: IncomingMessage,
  response: ServerResponse,
  tokens: MachineTokens,
): Promise<boolean> => {
  const type = request.headers["content-type"] ?? "";
  if (request.method !== "POST" || !type.startsWith("application/x-www-form-urlencoded")) return false;
  const chunk = await firstChunk(request);
  if (chunk === undefined) return false;
  request.unshift(chunk);
  if (new URLSearchParams(chunk.toString("utf8")).get("grant_type") !== jwtBearerGrant) return false;
  try {
    const form = new URLSearchParams(await readBody(request, "application/x-www-form-urlencoded"));
    sendJson(response, 200, await tokens.issue(form));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // RFC 6749 5.2, which is no problem document.
    sendJson(response, 400, { error: error.code, error_description: error.message });
  }
  return true;
};
