import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerId } from "../engine/ports.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { makeEnding } from "./ending.ts";
import type { StreamEvent } from "./event-stream.ts";
import { sendEvents } from "./event-stream.ts";
import { containerOf, nodeOf } from "./find-part.ts";
import type { LiveParts } from "./live-parts.ts";
import type { OfNode } from "./parts.route.ts";
import { headerOf } from "./read-headers.ts";
import { readQuery } from "./read-request.ts";
import { signedCallOf } from "./signed-call.ts";
import type { OfSimulation } from "./simulations.route.ts";

type StreamDeps = ApiDeps & LiveParts;

const LogsQuery = z.strictObject({
  follow: z.enum(["true", "false"]).default("false"),
  tail: z.coerce.number().int().min(0).max(10_000).default(100),
});

const lineCharactersMax = 16_384;

/** Where a reader that was cut off goes on. @throws DomainError `invalid-input` */
const lastEventIdOf = (request: FastifyRequest): number => {
  const id = headerOf(request)("last-event-id") ?? "0";
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new DomainError("invalid-input", "Last-Event-ID must be the id of an event of this stream.");
};

/** Streams to one reader: as long as the token is good, the tenant may, and the simulation is there. */
const makeStream =
  ({ services, tenants, closing, streams, timing, clock, log }: StreamDeps) =>
  async (
    request: FastifyRequest<OfSimulation>,
    reply: FastifyReply,
    events: (signal: AbortSignal) => AsyncIterable<StreamEvent>,
  ): Promise<void> => {
    const { caller, standing, expiresAtMilliseconds } = signedCallOf(request);
    const { id } = request.params;
    const giveBack = streams.take(standing.tenantId);
    const left = expiresAtMilliseconds - clock().getTime();
    const ending = makeEnding(closing, Math.min(left, timing.sessionMilliseconds));
    const recheck = async (): Promise<void> => {
      services.get(await tenants.standingOf(caller), id);
    };
    try {
      await sendEvents(reply, { events, ending, recheck, timing, log });
    } finally {
      ending.dispose();
      giveBack();
    }
  };

async function* logEvents(
  { engine }: StreamDeps,
  container: DockerId,
  options: { readonly follow: boolean; readonly tailLines: number; readonly signal: AbortSignal },
): AsyncGenerator<StreamEvent> {
  for await (const { stream, at, line } of engine.logs(container, options)) {
    yield { event: "log", data: { stream, at, line: line.slice(0, lineCharactersMax) } };
  }
}

interface Watched {
  readonly standing: TenantStanding;
  readonly id: string;
  readonly node: string;
}

/** Of whatever container the node has at that moment; silent while it has none that runs. Ends with the simulation. */
async function* statsEvents(
  { services, engine, timing }: StreamDeps,
  { standing, id, node }: Watched,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  while (!signal.aborted) {
    const { containerId, state } = nodeOf(services.get(standing, id), node);
    if (containerId !== undefined && state === "running") {
      // It may stop in this very moment; the record tells in the next.
      const data = await engine.stats(containerId).catch(() => undefined);
      if (data !== undefined) yield { event: "stats", data };
    }
    await sleep(timing.statsMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function* simulationEvents(
  { services }: StreamDeps,
  { standing, id }: Omit<Watched, "node">,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  for await (const { sequence, at, kind, data, text } of services.events(standing, id, after, signal)) {
    yield { event: kind, id: sequence, data: { sequence, at, kind, data, text } };
  }
}

/** Streams of a simulation: `GET .../events` (resumes after `Last-Event-ID`), `.../nodes/{node}/logs` and `.../stats`. */
export const streamRoutes = (deps: StreamDeps): RouteGroup => {
  const stream = makeStream(deps);
  return (app) => {
    app.get<OfSimulation>("/v1/simulations/:id/events", (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id } = deps.services.get(standing, request.params.id);
      const after = lastEventIdOf(request);
      return stream(request, reply, (signal) => simulationEvents(deps, { standing, id }, after, signal));
    });
    app.get<OfNode>("/v1/simulations/:id/nodes/:node/logs", (request, reply) => {
      const { follow, tail: tailLines } = readQuery(request, LogsQuery);
      const simulation = deps.services.get(signedCallOf(request).standing, request.params.id);
      const container = containerOf(simulation, request.params.node);
      const options = { follow: follow === "true", tailLines };
      return stream(request, reply, (signal) => logEvents(deps, container, { ...options, signal }));
    });
    app.get<OfNode>("/v1/simulations/:id/nodes/:node/stats", (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id, node } = request.params;
      nodeOf(deps.services.get(standing, id), node);
      return stream(request, reply, (signal) => statsEvents(deps, { standing, id, node }, signal));
    });
  };
};
