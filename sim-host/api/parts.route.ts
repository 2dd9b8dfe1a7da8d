import { z } from "zod";
import { revisionTag } from "../../shared/gateway/request-headers.ts";
import type { Impairment } from "../topology/topology.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { readJson } from "./read-request.ts";
import { signedCallOf } from "./signed-call.ts";
import { makeAccepted } from "./simulations.route.ts";
import { makeSimulationView } from "./simulation-view.ts";

/** Path parameters of the routes of one node. */
export interface OfNode {
  readonly Params: { readonly id: string; readonly node: string };
}

/** Path parameters of the routes of one link. */
export interface OfLink {
  readonly Params: { readonly id: string; readonly link: string };
}

const nodeActions = ["start", "stop", "pause", "resume", "restart", "kill"] as const;

/** `POST /v1/simulations/{id}/nodes/{node}/start, stop, pause, resume, restart, kill`. */
export const nodeRoutes =
  (deps: ApiDeps): RouteGroup =>
  (app) => {
    const accepted = makeAccepted(deps);
    for (const action of nodeActions) {
      app.post<OfNode>(`/v1/simulations/:id/nodes/:node/${action}`, async (request, reply) => {
        const { standing } = signedCallOf(request);
        const { id, node } = request.params;
        return accepted(reply, standing, await deps.services.controlNode(standing, id, node, action));
      });
    }
  };

const Percent = z.number().min(0).max(100);
const Milliseconds = z.number().min(0).max(60_000);

/** The bounds of a written topology. Members that are absent or 0 mean: none of it. */
const ImpairmentBody = z
  .strictObject({
    delayMilliseconds: Milliseconds.optional(),
    jitterMilliseconds: Milliseconds.optional(),
    lossPercent: Percent.optional(),
    rateBitsPerSecond: z.int().min(8_000).max(10_000_000_000).optional(),
    corruptionPercent: Percent.optional(),
  })
  .refine(({ delayMilliseconds = 0, jitterMilliseconds = 0 }) => jitterMilliseconds <= delayMilliseconds, {
    path: ["jitterMilliseconds"],
    message: "must not be larger than the delay",
  })
  .transform(withoutZeros);

/** Without members that say nothing. */
function withoutZeros(read: { readonly [Name in keyof Impairment]: Impairment[Name] | undefined }): Impairment {
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined && value !== 0));
}

/** Each of 29 nodes to each other. */
const directionsMax = 29 * 28;
const Name = z.string().min(1).max(32);
const LinkChange = z
  .strictObject({
    isDown: z.boolean().optional(),
    impairment: ImpairmentBody.optional(),
    directions: z
      .array(z.strictObject({ from: Name, to: Name, impairment: ImpairmentBody }))
      .max(directionsMax)
      .optional(),
  })
  .refine((change) => Object.values(change).some((member) => member !== undefined), "must change something")
  .transform(({ isDown, impairment, directions }) => ({
    ...(isDown === undefined ? {} : { isDown }),
    ...(impairment === undefined ? {} : { impairment }),
    ...(directions === undefined ? {} : { directions }),
  }));

/** `PATCH /v1/simulations/{id}/links/{link}` `{isDown?, impairment?, directions?}`: what is not named stays. */
export const linkRoutes =
  (deps: ApiDeps): RouteGroup =>
  (app) => {
    const viewOf = makeSimulationView(deps);
    app.patch<OfLink>("/v1/simulations/:id/links/:link", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id, link } = request.params;
      deps.services.get(standing, id);
      const simulation = await deps.services.changeLink(standing, id, link, readJson(request, LinkChange));
      return reply.header("etag", revisionTag(simulation.revision)).send(viewOf(standing, simulation));
    });
  };
