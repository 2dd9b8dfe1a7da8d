import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Save } from "../saves/ports.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { makeEnding } from "./ending.ts";
import type { LiveParts } from "./live-parts.ts";
import { readJson } from "./read-request.ts";
import { sendBytes } from "./send-bytes.ts";
import { signedCallOf } from "./signed-call.ts";
import type { OfSimulation } from "./simulations.route.ts";

interface OfSave {
  readonly Params: { readonly id: string; readonly save: string };
}

type SaveDeps = ApiDeps & LiveParts;

const downloadMilliseconds = 10 * 60_000;
const nodesMax = 100;
const Restoration = z.strictObject({ nodes: z.array(z.string().min(1).max(64)).min(1).max(nodesMax).optional() });

const saveView = ({ id, createdAt, nodes }: Save) => ({
  ...{ id, createdAt, nodes },
  bytes: nodes.reduce((sum, { bytes }) => sum + bytes, 0),
});

const download = async (deps: SaveDeps, request: FastifyRequest<OfSave>, reply: FastifyReply): Promise<void> => {
  const { saves, services, streams, closing, timing, log } = deps;
  const { standing } = signedCallOf(request);
  const save = saves.find(services.get(standing, request.params.id), request.params.save);
  const { bytes, contents } = saves.archive(save);
  const headers = {
    "content-type": "application/x-tar",
    "content-length": String(bytes),
    "content-disposition": `attachment; filename="${save.id}.tar"`,
  };
  const giveBack = streams.take(standing.tenantId);
  const ending = makeEnding(closing, downloadMilliseconds);
  try {
    await sendBytes(reply, { bytes: contents, headers, ending, timing, log });
  } finally {
    ending.dispose();
    giveBack();
  }
};

/** Files of a simulation's nodes: `GET, POST .../saves`, `GET` (tar), `DELETE .../saves/{save}`, `POST .../restore` `{nodes?}`. */
export const saveRoutes =
  (deps: SaveDeps): RouteGroup =>
  (app) => {
    const { saves, services, saving } = deps;
    app.get<OfSimulation>("/v1/simulations/:id/saves", (request, reply) => {
      const simulation = services.get(signedCallOf(request).standing, request.params.id);
      return reply.send({ saves: saves.list(simulation).map(saveView) });
    });
    app.post<OfSimulation>("/v1/simulations/:id/saves", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const simulation = services.get(standing, request.params.id);
      const giveBack = saving.take(standing.tenantId);
      try {
        const save = await saves.create(simulation);
        const location = `/v1/simulations/${simulation.id}/saves/${save.id}`;
        return await reply.code(201).header("location", location).send(saveView(save));
      } finally {
        giveBack();
      }
    });
    app.get<OfSave>("/v1/simulations/:id/saves/:save", (request, reply) => download(deps, request, reply));
    app.delete<OfSave>("/v1/simulations/:id/saves/:save", async (request, reply) => {
      const simulation = services.get(signedCallOf(request).standing, request.params.id);
      await saves.remove(saves.find(simulation, request.params.save));
      return reply.code(204).send();
    });
    app.post<OfSave>("/v1/simulations/:id/saves/:save/restore", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const simulation = services.get(standing, request.params.id);
      const save = saves.find(simulation, request.params.save);
      const { nodes } = request.body === undefined ? {} : readJson(request, Restoration);
      const giveBack = saving.take(standing.tenantId);
      try {
        return await reply.send({ restored: await saves.restore(simulation, save, nodes) });
      } finally {
        giveBack();
      }
    });
  };
