import { ifMatchOf, revisionTag } from "../../shared/gateway/request-headers.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { headerOf } from "./read-headers.ts";
import { readTopologyText } from "./read-request.ts";
import { signedCallOf } from "./signed-call.ts";
import type { OfSimulation } from "./simulations.route.ts";
import { makeAccepted } from "./simulations.route.ts";

/** A picture of its own loads nothing and runs nothing, wherever it is opened. */
const pictureHeaders = { "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox" };

const pictureTypes = [
  { kind: "svg", ending: "svg", type: "image/svg+xml" },
  { kind: "mermaid", ending: "mmd", type: "text/vnd.mermaid; charset=utf-8" },
  { kind: "dot", ending: "dot", type: "text/vnd.graphviz; charset=utf-8" },
] as const;

/** A simulation's topology: `GET, PUT .../topology` (`If-Match`), `POST .../plan`, `GET .../topology.svg, .mmd, .dot`. */
export const topologyRoutes =
  (deps: ApiDeps): RouteGroup =>
  (app) => {
    const { services, pictures } = deps;
    const accepted = makeAccepted(deps);
    app.get<OfSimulation>("/v1/simulations/:id/topology", (request, reply) => {
      const { source, revision } = services.get(signedCallOf(request).standing, request.params.id);
      return reply.type("text/yaml; charset=utf-8").header("etag", revisionTag(revision)).send(source);
    });
    app.put<OfSimulation>("/v1/simulations/:id/topology", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id } = services.get(standing, request.params.id);
      const ifRevision = ifMatchOf(headerOf(request));
      return accepted(reply, standing, await services.change(standing, id, readTopologyText(request), ifRevision));
    });
    app.post<OfSimulation>("/v1/simulations/:id/plan", (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id } = services.get(standing, request.params.id);
      return reply.send(services.plan(standing, id, readTopologyText(request)));
    });
    for (const { kind, ending, type } of pictureTypes) {
      app.get<OfSimulation>(`/v1/simulations/:id/topology.${ending}`, (request, reply) => {
        const simulation = services.get(signedCallOf(request).standing, request.params.id);
        return reply.type(type).headers(pictureHeaders).send(pictures[kind](simulation));
      });
    }
  };
