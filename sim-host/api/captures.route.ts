import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import { Plan } from "../../shared/tenants/plan.ts";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { makeEnding } from "./ending.ts";
import { linkOf, runningContainerOf } from "./find-part.ts";
import type { LiveParts } from "./live-parts.ts";
import type { OfLink } from "./parts.route.ts";
import { readJson } from "./read-request.ts";
import { sendBytes } from "./send-bytes.ts";
import { signedCallOf } from "./signed-call.ts";

interface CaptureLimits {
  readonly secondsMax: number;
  readonly bytesMax: number;
}

const megabyte = 1_000_000;
const secondsMaxOf = { free: 30, pro: 120, enterprise: 300 } as const satisfies Record<Plan, number>;
/** Whatever the plan. */
const hostLimits: CaptureLimits = { secondsMax: 300, bytesMax: 200 * megabyte };
const bytesMin = 100;

const Capture = z.strictObject({
  node: z.string().min(1).max(64),
  seconds: z.int().min(1).max(hostLimits.secondsMax).optional(),
  bytes: z.int().min(bytesMin).max(hostLimits.bytesMax).optional(),
});

/** What is captured of what was asked for. @throws DomainError `plan-required` */
const withinPlan = (
  plan: Plan,
  { seconds, bytes }: z.infer<typeof Capture>,
  bytesMaxOf: (plan: Plan) => number,
): CaptureLimits => {
  const limitsOf = (of: Plan): CaptureLimits => ({
    secondsMax: secondsMaxOf[of],
    bytesMax: Math.min(bytesMaxOf(of), hostLimits.bytesMax),
  });
  const allowed = limitsOf(plan);
  const asked = { secondsMax: seconds ?? allowed.secondsMax, bytesMax: bytes ?? allowed.bytesMax };
  const fits = ({ secondsMax, bytesMax }: CaptureLimits): boolean =>
    asked.secondsMax <= secondsMax && asked.bytesMax <= bytesMax;
  if (fits(allowed)) return asked;
  const requiredPlan = Plan.options.find((candidate) => fits(limitsOf(candidate))) ?? null;
  const message = `The plan ${plan} captures ${allowed.secondsMax} s and ${allowed.bytesMax / megabyte} MB at once.`;
  throw new DomainError("plan-required", message, { facts: { requiredPlan, lacks: [message], plan } });
};

/** Where a node is on a link. @throws DomainError `not-found`, `simulation-state` */
const findPort = async ({ services, engine }: ApiDeps, request: FastifyRequest<OfLink>, node: string) => {
  const simulation = services.get(signedCallOf(request).standing, request.params.id);
  const { name, networkId, addresses } = linkOf(simulation, request.params.link);
  if (!Object.hasOwn(addresses, node)) throw new DomainError("not-found", `No such node is on the link ${name}.`);
  const seen = await engine.inspect(runningContainerOf(simulation, node));
  const attachment = seen?.attachments.find((candidate) => candidate.networkId === networkId);
  if (seen === undefined || seen.sandboxKey === "" || attachment === undefined) {
    throw new DomainError("simulation-state", `${node} is not on the link ${name} at the moment.`);
  }
  return { sandboxKey: seen.sandboxKey, macAddress: attachment.macAddress };
};

const graceMilliseconds = 10_000;

const capture = async (
  deps: ApiDeps & LiveParts,
  request: FastifyRequest<OfLink>,
  reply: FastifyReply,
): Promise<void> => {
  const { standing } = signedCallOf(request);
  const { id, link } = request.params;
  deps.services.get(standing, id);
  const body = readJson(request, Capture);
  const limits = withinPlan(standing.plan, body, deps.captureBytesMaxOf);
  const port = await findPort(deps, request, body.node);
  const giveBack = deps.captures.take(JSON.stringify([standing.tenantId, id]));
  // The links keep to the time; this is for when they do not.
  const ending = makeEnding(deps.closing, limits.secondsMax * 1000 + graceMilliseconds);
  try {
    const headers = {
      "content-type": "application/vnd.tcpdump.pcap",
      "content-disposition": `attachment; filename="${id}-${link}-${body.node}.pcap"`,
    };
    const bytes = deps.links.capture(port, limits, ending.signal);
    await sendBytes(reply, { bytes, headers, ending, timing: deps.timing, log: deps.log });
  } finally {
    ending.dispose();
    giveBack();
  }
};

/** `POST .../links/{link}/captures` `{node, seconds?, bytes?}`: what passes a node's port, as a pcap file while it is made. */
export const captureRoutes =
  (deps: ApiDeps & LiveParts): RouteGroup =>
  (app) => {
    app.post<OfLink>("/v1/simulations/:id/links/:link/captures", (request, reply) => capture(deps, request, reply));
  };
