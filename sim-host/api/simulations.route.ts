import type { FastifyReply } from "fastify";
import { z } from "zod";
import { idempotencyKeyOf, ifMatchOf, revisionTag } from "../../shared/gateway/request-headers.ts";
import type { Started } from "../simulations/services.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { headerOf } from "./read-headers.ts";
import { readJson, readQuery, readTopologyText } from "./read-request.ts";
import { signedCallOf } from "./signed-call.ts";
import { makeSimulationView, operationPath, operationView } from "./simulation-view.ts";

/** The path parameter of every route of one simulation. */
export interface OfSimulation {
  readonly Params: { readonly id: string };
}

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().min(1).max(400).optional(),
});
const CreateQuery = z.strictObject({ start: z.enum(["true", "false"]).default("false") });
const minutesPerDay = 24 * 60;
const Extension = z.strictObject({ minutes: z.int().min(1).max(minutesPerDay) });
const actions = ["start", "stop", "pause", "resume", "restart"] as const;

/** Answers work that has begun: 202 and where to watch it. */
export const makeAccepted =
  (deps: Pick<ApiDeps, "services" | "rules" | "lastRunOf" | "trialOf">) =>
  (reply: FastifyReply, standing: TenantStanding, { simulation, operation }: Started): FastifyReply => {
    const view = makeSimulationView(deps)(standing, simulation);
    return reply
      .code(202)
      .headers({ location: operationPath(operation), "retry-after": "1", etag: revisionTag(simulation.revision) })
      .send({ simulation: view, operation: operationView(operation) });
  };

/** `GET, POST /v1/simulations`, `POST .../validate`, `GET .../images`. */
export const simulationsRoutes =
  (deps: ApiDeps): RouteGroup =>
  (app) => {
    const { services, usageOf } = deps;
    const viewOf = makeSimulationView(deps);
    const accepted = makeAccepted(deps);
    app.get("/v1/simulations", (request, reply) => {
      const { standing } = signedCallOf(request);
      const { limit, after } = readQuery(request, ListQuery);
      const { items, next } = services.list(standing, limit, after);
      const simulations = items.map((simulation) => viewOf(standing, simulation));
      return reply.send({ simulations, next, ...usageOf(standing) });
    });
    app.post("/v1/simulations", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const { start } = readQuery(request, CreateQuery);
      const idempotencyKey = idempotencyKeyOf(headerOf(request));
      const options = { start: start === "true", ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
      return accepted(reply, standing, await services.create(standing, readTopologyText(request), options));
    });
    app.post("/v1/simulations/validate", (request, reply) => {
      const { standing } = signedCallOf(request);
      return reply.send(services.assess(standing, readTopologyText(request)));
    });
    app.get("/v1/simulations/images", (_request, reply) =>
      reply.send({ images: deps.images.map(({ name, summary }) => ({ name, summary })) }),
    );
  };

/** One simulation: `GET`, `DELETE`, `POST .../start, stop, pause, resume, restart, extend`, `GET .../operations/{operation}`. */
export const simulationRoutes =
  (deps: ApiDeps): RouteGroup =>
  (app) => {
    const { services } = deps;
    const viewOf = makeSimulationView(deps);
    const accepted = makeAccepted(deps);
    app.get<OfSimulation>("/v1/simulations/:id", (request, reply) => {
      const { standing } = signedCallOf(request);
      const simulation = services.get(standing, request.params.id);
      return reply.header("etag", revisionTag(simulation.revision)).send(viewOf(standing, simulation));
    });
    app.delete<OfSimulation>("/v1/simulations/:id", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const header = headerOf(request);
      const ifRevision = header("if-match") === undefined ? undefined : ifMatchOf(header);
      return accepted(reply, standing, await services.control(standing, request.params.id, "delete", ifRevision));
    });
    for (const action of actions) {
      app.post<OfSimulation>(`/v1/simulations/:id/${action}`, async (request, reply) => {
        const { standing } = signedCallOf(request);
        return accepted(reply, standing, await services.control(standing, request.params.id, action));
      });
    }
    app.post<OfSimulation>("/v1/simulations/:id/extend", (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id } = services.get(standing, request.params.id);
      const simulation = services.extend(standing, id, readJson(request, Extension).minutes);
      return reply.header("etag", revisionTag(simulation.revision)).send(viewOf(standing, simulation));
    });
    app.get<{ readonly Params: { readonly id: string; readonly operation: string } }>(
      "/v1/simulations/:id/operations/:operation",
      (request, reply) => {
        const { standing } = signedCallOf(request);
        const { id, operation } = request.params;
        return reply.send(operationView(services.operation(standing, id, operation)));
      },
    );
  };
