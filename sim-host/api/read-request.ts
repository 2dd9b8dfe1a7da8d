import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodType } from "zod";
import { decodeText, parseInput, parseJson } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";

const json = "application/json";
/** A topology is YAML, and JSON is YAML too. */
const topologyTypes: readonly string[] = ["application/yaml", "text/yaml", json];

const unsupported = (types: readonly string[]): DomainError =>
  new DomainError("content-type-unsupported", `Send the body with one of these content types: ${types.join(", ")}.`);

/** Bodies stay the bytes that came: each entry says what they are to it. */
export const addBodyParsers = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...topologyTypes], { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  // Gateways send no body as an empty one of unknown length, and an empty one has no type.
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    if (body.length === 0) done(null, body);
    else done(unsupported(topologyTypes), undefined);
  });
};

const bodyText = (request: FastifyRequest, types: readonly string[]): string => {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!types.includes(type)) throw unsupported(types);
  return Buffer.isBuffer(request.body) ? decodeText(request.body) : "";
};

/** A topology as it was written. @throws DomainError `content-type-unsupported`, `invalid-input` (not UTF-8) */
export const readTopologyText = (request: FastifyRequest): string => bodyText(request, topologyTypes);

/** The JSON body, checked. @throws DomainError `content-type-unsupported`, `invalid-input` */
export const readJson = <T>(request: FastifyRequest, schema: ZodType<T>): T =>
  parseInput(schema, parseJson(bodyText(request, [json])));

/** The query, checked; parameters nobody knows are refused as well. @throws DomainError `invalid-input` */
export const readQuery = <T>(request: FastifyRequest, schema: ZodType<T>): T => parseInput(schema, request.query);

/** What is sent twice means one thing to one reader and another to the next. @throws DomainError `invalid-input` */
export const refuseRepeatedParameters = (request: FastifyRequest): void => {
  const { query } = request;
  const repeated = typeof query === "object" && query !== null && Object.values(query).some(Array.isArray);
  if (repeated) throw new DomainError("invalid-input", "A parameter of the query was sent more than once.");
};
