import { ClientResponseError } from "pocketbase";
import { z } from "zod";
import type { SessionOutcome, SessionRequest } from "../../stack/stack.ts";

/** What `POST /api/kombify/sessions` of the instance's hooks answers. */
const OpenedAnswer = z.object({ token: z.string().min(1), record: z.record(z.string(), z.unknown()) });

const RefusedAnswer = z.discriminatedUnion("code", [
  z.object({ code: z.literal("user-limit-reached"), maxUsers: z.number() }),
  z.object({ code: z.literal("tenant-suspended") }),
  z.object({ code: z.literal("tenant-unknown") }),
]);

const Email = z.email().max(255);

/** The route's body. An address that PocketBase might refuse is left out: it is a courtesy, the subject is the identity. */
export const sessionBody = (request: SessionRequest): Readonly<Record<string, unknown>> => ({
  tenantId: request.tenantId,
  namespace: request.namespace,
  sub: request.sub,
  name: request.name?.slice(0, 200),
  email: Email.safeParse(request.email).data,
  isOrganisationAdmin: request.isOrganisationAdmin,
});

/** @throws ZodError when the answer is not the route's */
export const openedSession = (answer: unknown): SessionOutcome => ({
  kind: "opened",
  session: OpenedAnswer.parse(answer),
});

/** The expected refusal behind an error of the route; undefined when it is a failure. */
export const refusedSession = (error: unknown): SessionOutcome | undefined => {
  const refused = RefusedAnswer.safeParse(error instanceof ClientResponseError ? error.data : undefined).data;
  if (refused === undefined) return undefined;
  return refused.code === "user-limit-reached"
    ? { kind: refused.code, maxUsers: refused.maxUsers }
    : { kind: refused.code };
};
