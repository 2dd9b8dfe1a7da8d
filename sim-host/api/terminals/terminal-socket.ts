import type { WebSocket } from "@fastify/websocket";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../../shared/kernel/errors.ts";
import type { Terminal } from "../../engine/ports.ts";
import type { Simulation } from "../../simulations/simulation.ts";
import type { ApiDeps } from "../api-deps.ts";
import { makeEnding } from "../ending.ts";
import { runningContainerOf } from "../find-part.ts";
import type { LiveParts } from "../live-parts.ts";
import { headerOf } from "../read-headers.ts";
import { closeCodeOf, closeSocket, runTerminal } from "./terminal-session.ts";
import { terminalPath } from "./terminals.route.ts";
import type { TicketBinding } from "./tickets.ts";

type SocketDeps = ApiDeps & LiveParts;

const protocol = "kombify.terminal.v1";
const ticketPrefix = "ticket.";
const member = "ticketBinding";
const messageBytesMax = 64 * 1024;

/** How the WebSocket server is set up. The ticket, which comes as a protocol too, is never among what it answers. */
export const socketOptions = {
  maxPayload: messageBytesMax,
  handleProtocols: (offered: Set<string>): string | false => (offered.has(protocol) ? protocol : false),
} as const;

const protocolsOf = (request: FastifyRequest): readonly string[] =>
  (headerOf(request)("sec-websocket-protocol") ?? "").split(",").map((each) => each.trim());

/**
 * Refuses what no page and no program of ours sends. A request that asks for a WebSocket has no body: another reader of the
 * connection could take it for the first frames.
 */
const refuseOddities = (request: FastifyRequest, publicOrigin: string): void => {
  const header = headerOf(request);
  if (!protocolsOf(request).includes(protocol)) {
    throw new DomainError(
      "invalid-input",
      `Open a WebSocket with the protocols ${protocol} and ${ticketPrefix}<ticket>.`,
    );
  }
  // Programs that are no browsers send none.
  if ((header("origin") ?? publicOrigin) !== publicOrigin) {
    throw new DomainError("forbidden", "Terminals are opened from the platform's own pages only.");
  }
  if ((header("content-length") ?? "0") !== "0" || header("transfer-encoding") !== undefined) {
    throw new DomainError("invalid-input", "A request for a WebSocket has no body.");
  }
};

const refusedTicket = (): DomainError => new DomainError("ticket-invalid", "The ticket is not good, or not any more.");

/** The simulation that a ticket is for, as long as who it was given to may see it. */
const makeFind =
  ({ services, tenants }: SocketDeps, binding: TicketBinding) =>
  async (): Promise<Simulation> => {
    const standing = await tenants.standingOf(binding.caller);
    if (standing.tenantId !== binding.tenantId) throw refusedTicket();
    return services.get(standing, binding.simulationId);
  };

const connect = async (deps: SocketDeps, socket: WebSocket, binding: TicketBinding): Promise<void> => {
  const { engine, terminals, closing, timing, log } = deps;
  const { simulationId: simulation, node, command, size } = binding;
  const ending = makeEnding(closing, timing.sessionMilliseconds);
  const find = makeFind(deps, binding);
  let giveBack = (): void => undefined;
  const open = async (): Promise<Terminal> => {
    const container = runningContainerOf(await find(), node);
    giveBack = terminals.take(binding.tenantId);
    log.info("a terminal is opened", { simulation, node, sub: binding.caller.sub });
    return engine.terminal(container, command, size);
  };
  const recheck = async (): Promise<void> => {
    await find();
  };
  try {
    await runTerminal({ socket, open, ending, recheck, timing, log });
  } finally {
    ending.dispose();
    giveBack();
  }
};

/** `GET /v1/simulation-terminals` as a WebSocket (contract in `docs/contracts.md`), for whoever brings a ticket. */
export const addTerminalSocket = (app: FastifyInstance, deps: SocketDeps): void => {
  app.decorateRequest(member, null);
  app.route({
    method: "GET",
    url: terminalPath,
    onRequest: (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
      const ticket = protocolsOf(request).find((each) => each.startsWith(ticketPrefix));
      const binding = ticket === undefined ? undefined : deps.tickets.take(ticket.slice(ticketPrefix.length));
      request.setDecorator(member, binding ?? null);
      refuseOddities(request, deps.publicOrigin);
      done();
    },
    handler: () => {
      throw new DomainError("invalid-input", "This entry is a WebSocket.");
    },
    wsHandler: async (socket, request) => {
      const binding = request.getDecorator<TicketBinding | null>(member);
      if (binding !== null) await connect(deps, socket, binding);
      else closeSocket(socket, closeCodeOf(refusedTicket()), refusedTicket().code);
    },
  });
};
