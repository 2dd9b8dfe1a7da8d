import type { CheckHealth } from "../../shared/health/check-health.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";

interface Deps {
  readonly checkHealth: CheckHealth;
}

/** `GET /health`: alive and what works; 200 as long as the process answers. */
export const healthHttp = ({ checkHealth }: Deps): HttpFunction => ({
  name: "health",
  method: "GET",
  route: "health",
  access: "anyone",
  handler: async () => json(200, await checkHealth()),
});

/** `GET /ready`: 200 when requests can be served, otherwise 503. */
export const readyHttp = ({ checkHealth }: Deps): HttpFunction => ({
  name: "ready",
  method: "GET",
  route: "ready",
  access: "anyone",
  handler: async () => {
    const health = await checkHealth();
    return json(health.status === "healthy" ? 200 : 503, health);
  },
});
