import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { problemOf } from "../../shared/gateway/problem.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";

const statusThatIsLogged = 500;
/** Errors of adapters carry their cause; the cause of a vendor's cause says nothing more. */
const causesMax = 3;

/** Stacks only: errors of SDKs also hold requests, and requests hold secrets. */
export const causesOf = (error: unknown): string => {
  const stacks: string[] = [];
  for (let current = error; current instanceof Error && stacks.length < causesMax; current = current.cause) {
    stacks.push(current.stack ?? current.message);
  }
  return stacks.join("\ncaused by ");
};

const memberOf = (error: unknown, name: "code" | "statusCode"): unknown =>
  error instanceof Error && name in error ? Reflect.get(error, name) : undefined;

/** What Fastify itself refuses, in our own words: its messages repeat what was sent. */
const ofFramework: Readonly<Record<string, (cause: unknown) => DomainError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (cause) => new DomainError("too-large", "The body is larger than 1 MB.", { cause }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (cause) =>
    new DomainError("content-type-unsupported", "This entry does not take bodies of this content type.", { cause }),
  FST_ERR_HANDLER_TIMEOUT: (cause) => new DomainError("unavailable", "This took too long. Try again.", { cause }),
};

/** A failure as one that callers may learn about, if it is one. */
const known = (error: unknown): unknown => {
  if (error instanceof DomainError) return error;
  const translate = ofFramework[String(memberOf(error, "code"))];
  if (translate !== undefined) return translate(error);
  const status = memberOf(error, "statusCode");
  return typeof status === "number" && status >= 400 && status < statusThatIsLogged
    ? new DomainError("invalid-input", "The request is not well-formed.", { cause: error })
    : error;
};

/** Answers a failure as a problem document; what is our own fault is logged, by the pattern of the route. */
export const answerProblem = (log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = problemOf(known(error), request.id);
  if (problem.status >= statusThatIsLogged) {
    const route = `${request.method} ${request.routeOptions.url ?? "no route"}`;
    log.error("request failed", { route, requestId: request.id, causes: causesOf(error) });
  }
  // As bytes, for Fastify adds a charset to text, which this type does not have.
  void reply.code(problem.status).headers(problem.headers).send(Buffer.from(problem.body));
};

/** The one place where failures become answers. */
export const addErrorBoundary = (app: FastifyInstance, log: Logger): void => {
  app.setErrorHandler((error, request, reply) => answerProblem(log, error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerProblem(log, new DomainError("not-found", "There is nothing at this path."), request, reply),
  );
};

/** Bytes that are no HTTP, or came too slowly: answered without a word of what they were, and cut. */
export const refuseConnection = (error: Error, socket: Socket): void => {
  const isSlow = memberOf(error, "code") === "ERR_HTTP_REQUEST_TIMEOUT";
  const line = isSlow ? "408 Request Timeout" : "400 Bad Request";
  if (socket.writable) socket.write(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  socket.destroy();
};
