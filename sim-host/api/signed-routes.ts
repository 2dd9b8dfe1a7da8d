import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import type { LiveParts } from "./live-parts.ts";
import { captureRoutes } from "./captures.route.ts";
import { linkRoutes, nodeRoutes } from "./parts.route.ts";
import { saveRoutes } from "./saves.route.ts";
import { schemaRoute } from "./schema.route.ts";
import { simulationRoutes, simulationsRoutes } from "./simulations.route.ts";
import { streamRoutes } from "./streams.route.ts";
import { terminalRoutes } from "./terminals/terminals.route.ts";
import { topologyRoutes } from "./topology.route.ts";

/** Every group of routes that signed-in people reach. */
export const signedRoutes = (deps: ApiDeps & LiveParts): readonly RouteGroup[] => [
  simulationsRoutes(deps),
  simulationRoutes(deps),
  topologyRoutes(deps),
  nodeRoutes(deps),
  linkRoutes(deps),
  streamRoutes(deps),
  terminalRoutes(deps),
  captureRoutes(deps),
  saveRoutes(deps),
  schemaRoute("/v1/simulations/schema", deps),
];
