import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SignedCall } from "./read-caller.ts";

const member = "signedCall";

/** Has every route of this scope ask who calls before anything of the request's body is read. */
export const requireSignedCalls = (
  app: FastifyInstance,
  readCaller: (request: FastifyRequest) => Promise<SignedCall>,
): void => {
  app.decorateRequest(member, null);
  app.addHook("onRequest", async (request) => request.setDecorator(member, await readCaller(request)));
};

/** Who calls. @throws Error in a route outside `requireSignedCalls` */
export const signedCallOf = (request: FastifyRequest): SignedCall => {
  const call = request.getDecorator<SignedCall | null>(member);
  if (call === null) throw new Error("The route asks who calls before anybody was let in.");
  return call;
};
