import type { CheckHealth, Health } from "../../shared/health/check-health.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";

const shareMilliseconds = 1_000;

/** Many who ask within a second are told the same: checking asks the engine. */
const sharedCheck = (checkHealth: CheckHealth, clock: Clock): CheckHealth => {
  let last: { readonly at: number; readonly health: Promise<Health> } | undefined;
  return () => {
    const now = clock().getTime();
    if (last === undefined || now >= last.at + shareMilliseconds) last = { at: now, health: checkHealth() };
    return last.health;
  };
};

/** For who runs the host; the gateway has no route to them. `GET /health` (200 while alive), `/ready` (200 or 503), `/metrics`. */
export const probeRoutes =
  ({
    checkHealth,
    clock,
    metrics,
    figures,
  }: Pick<ApiDeps, "checkHealth" | "clock" | "metrics" | "figures">): RouteGroup =>
  (app) => {
    const check = sharedCheck(checkHealth, clock);
    app.get("/health", async (_request, reply) => reply.send(await check()));
    app.get("/ready", async (_request, reply) => {
      const health = await check();
      return reply.code(health.status === "healthy" ? 200 : 503).send(health);
    });
    app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text(figures())));
  };

/** Counts every answer by the pattern of its route: what was asked for may hold anything. */
export const countRequests = (app: Parameters<RouteGroup>[0], { metrics }: Pick<ApiDeps, "metrics">): void => {
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    metrics.request(route, request.method, reply.raw.statusCode, reply.elapsedTime / 1000);
    done();
  });
};
