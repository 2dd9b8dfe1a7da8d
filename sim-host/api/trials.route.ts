import { z } from "zod";
import { KitVersion, Slug } from "../../shared/stackkits/kit.ts";
import { trialView } from "../trials/trial.ts";
import type { Trials } from "../trials/trials.ts";
import type { RouteGroup } from "./api-deps.ts";
import { readJson } from "./read-request.ts";
import { signedCallOf } from "./signed-call.ts";

const Wanted = z.strictObject({ kit: Slug, version: KitVersion.optional() });

/** What ends a trial may be done to its simulation at any time; reading is not asked here. */
const ending: ReadonlySet<string> = new Set(["DELETE /v1/simulations/:id", "POST /v1/simulations/:id/stop"]);

/** `POST /v1/simulations/trials` `{kit, version?}`: runs a kit in a simulation of its own, which nobody changes meanwhile. */
export const trialRoutes =
  (trials: Trials): RouteGroup =>
  (app) => {
    app.addHook("preHandler", (request, _reply, done) => {
      const { method, routeOptions } = request;
      const { id } = z.looseObject({ id: z.string().optional() }).parse(request.params ?? {});
      const isChange = method !== "GET" && method !== "HEAD" && !ending.has(`${method} ${routeOptions.url ?? ""}`);
      if (isChange && id !== undefined) trials.requireUnsealed(signedCallOf(request).standing, id);
      done();
    });
    app.post("/v1/simulations/trials", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const { kit, version } = readJson(request, Wanted);
      const trial = trialView(await trials.start(standing, kit, version));
      const location = `/v1/simulations/${trial.simulationId}`;
      return reply.code(202).headers({ location, "retry-after": "1" }).send(trial);
    });
  };
