import { z } from "zod";
import type { ApiDeps, RouteGroup } from "../api-deps.ts";
import { runningContainerOf } from "../find-part.ts";
import type { LiveParts } from "../live-parts.ts";
import type { OfNode } from "../parts.route.ts";
import { readJson } from "../read-request.ts";
import { signedCallOf } from "../signed-call.ts";
import { Cells } from "./terminal-input.ts";

export const terminalPath = "/v1/simulation-terminals";

const wordsMax = 64;
const commandCharactersMax = 16 * 1024;
const outputBytesMax = 1024 * 1024;

/** A program and its arguments; no shell reads them. */
const Command = z
  .array(z.string().regex(/^[^\0]*$/, "must not hold a NUL"))
  .min(1)
  .max(wordsMax)
  .refine((words) => words[0] !== "", "must begin with a program")
  .refine(
    (words) => words.join(" ").length <= commandCharactersMax,
    `must be ${commandCharactersMax} characters at most`,
  );

const TerminalBody = z.strictObject({
  command: Command.default(["/bin/sh"]),
  columns: Cells.default(80),
  rows: Cells.default(24),
});
const ExecBody = z.strictObject({ command: Command, timeoutSeconds: z.int().min(1).max(60).default(30) });

/** Programs in a node: `POST .../nodes/{node}/terminal` gives a ticket for `terminalPath`, `.../exec` runs one to its end. */
export const terminalRoutes =
  ({ services, engine, tickets, commands }: ApiDeps & LiveParts): RouteGroup =>
  (app) => {
    app.post<OfNode>("/v1/simulations/:id/nodes/:node/terminal", (request, reply) => {
      const { caller, standing } = signedCallOf(request);
      const { id, node } = request.params;
      runningContainerOf(services.get(standing, id), node);
      const { command, columns, rows } = readJson(request, TerminalBody);
      const { tenantId } = standing;
      const opens = { caller, tenantId, simulationId: id, node, command, size: { columns, rows } };
      return reply.code(201).send({ ...tickets.issue(opens), path: terminalPath });
    });
    app.post<OfNode>("/v1/simulations/:id/nodes/:node/exec", async (request, reply) => {
      const { standing } = signedCallOf(request);
      const container = runningContainerOf(services.get(standing, request.params.id), request.params.node);
      const { command, timeoutSeconds } = readJson(request, ExecBody);
      const giveBack = commands.take(standing.tenantId);
      try {
        const options = { outputBytesMax, timeoutMilliseconds: timeoutSeconds * 1000 };
        const { exitCode, output, isCut } = await engine.run(container, command, options);
        // Whatever is no UTF-8 is shown as what it is not.
        return await reply.send({ exitCode, output: new TextDecoder().decode(output), isCut });
      } finally {
        giveBack();
      }
    });
  };
