import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";

const type = "application/schema+json; charset=utf-8";

/** `GET /v1/simulations/schema`, and for everybody `GET /schemas/simulation/v1.json`: one of `path`. ETag, 304. */
export const schemaRoute = (path: string, { simulationSchema }: Pick<ApiDeps, "simulationSchema">): RouteGroup => {
  const text = JSON.stringify(simulationSchema, null, 2);
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const tagged = reply.headers({ etag, "cache-control": "public, max-age=3600" });
    const isKnown = (request.headers["if-none-match"] ?? "").split(",").some((tag) => tag.trim() === etag);
    return isKnown ? tagged.code(304).send() : tagged.type(type).send(text);
  };
  return (app) => {
    app.get(path, answer);
  };
};
