import { z } from "zod";
import { reportPage } from "../runs/report/report-page.ts";
import { reportHeaders } from "../runs/report/report-style.ts";
import type { Run } from "../runs/run.ts";
import type { RunServices } from "../runs/run-services.ts";
import type { RouteGroup } from "./api-deps.ts";
import { readQuery } from "./read-request.ts";
import { signedCallOf } from "./signed-call.ts";
import type { OfSimulation } from "./simulations.route.ts";

/** The path parameters of every route of one run. */
interface OfRun {
  readonly Params: { readonly id: string; readonly run: string };
}

interface OfCapture {
  readonly Params: { readonly id: string; readonly run: string; readonly name: string };
}

const RunQuery = z.strictObject({ compare: z.string().min(1).max(100).optional() });

/** A run without whose it is. */
const viewOf = ({ tenantId: _, standing: __, ...rest }: Run): Omit<Run, "tenantId" | "standing"> => rest;

/** Runs of a simulation: `POST, GET .../runs`, `GET .../runs/{run}`, `.../report`, `.../captures/{name}`, `POST .../cancel`. */
export const runRoutes =
  (runs: RunServices): RouteGroup =>
  (app) => {
    app.post<OfSimulation>("/v1/simulations/:id/runs", (request, reply) => {
      const run = runs.start(signedCallOf(request).standing, request.params.id);
      const location = `/v1/simulations/${run.simulationId}/runs/${run.id}`;
      return reply.code(202).headers({ location, "retry-after": "1" }).send(viewOf(run));
    });
    app.get<OfSimulation>("/v1/simulations/:id/runs", (request, reply) =>
      reply.send({ runs: runs.list(signedCallOf(request).standing, request.params.id) }),
    );
    app.get<OfRun>("/v1/simulations/:id/runs/:run", (request, reply) => {
      const { standing } = signedCallOf(request);
      const { id, run } = request.params;
      const { compare } = readQuery(request, RunQuery);
      if (compare !== undefined) return reply.send(runs.compare(standing, id, run, compare));
      return reply.send(viewOf(runs.get(standing, id, run)));
    });
    app.post<OfRun>("/v1/simulations/:id/runs/:run/cancel", async (request, reply) => {
      const { id, run } = request.params;
      return reply.send(viewOf(await runs.cancel(signedCallOf(request).standing, id, run)));
    });
    app.get<OfRun>("/v1/simulations/:id/runs/:run/report", (request, reply) => {
      const { id, run } = request.params;
      return reply.headers(reportHeaders).send(reportPage(runs.get(signedCallOf(request).standing, id, run)));
    });
    app.get<OfCapture>("/v1/simulations/:id/runs/:run/captures/:name", async (request, reply) => {
      const { id, run, name } = request.params;
      const bytes = await runs.capture(signedCallOf(request).standing, id, run, name);
      return reply
        .headers({
          "content-type": "application/vnd.tcpdump.pcap",
          "content-disposition": `attachment; filename="${run}-${name}"`,
        })
        .send(Buffer.from(bytes));
    });
  };
