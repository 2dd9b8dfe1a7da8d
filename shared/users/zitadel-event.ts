import { z } from "zod";
import type { IncomingEvent } from "../events/accept-event.ts";
import { DomainError } from "../kernel/errors.ts";
import type { DirectoryEvent } from "./directory.ts";
import { subjectOf } from "./event-types.ts";

const Id = z.string().regex(/^[\w-]{1,64}$/);
const Sequence = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const Instant = z
  .string()
  .max(64)
  .refine((text) => !Number.isNaN(Date.parse(text)), "is no instant")
  .transform((text) => new Date(text).toISOString());

/** The body of an event call (Actions v2). Everything else in it, above all `event_payload`, may hold secrets. */
const Call = z.object({
  aggregateID: Id,
  aggregateType: z.string().regex(/^[\w.-]{1,64}$/),
  resourceOwner: Id.optional(),
  sequence: Sequence,
  event_type: z.string().regex(/^[\w.-]{1,100}$/),
  created_at: Instant,
  event_payload: z.unknown().optional(),
});

/** The ids that a grant's first event carries; all of its later ones say less. */
const GrantPayload = z.object({ userId: Id.optional().catch(undefined), projectId: Id.optional().catch(undefined) });

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
const garbage = (): DomainError =>
  new DomainError("invalid-input", "event_payload is neither an object nor base64 of one.");

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw garbage();
  }
};

/**
 * Releases differ: base64 of JSON at first, always `{}` for a while, now an object; absent or null where there is none.
 * @throws DomainError `invalid-input` for anything else
 */
const readPayload = (raw: unknown): Readonly<Record<string, unknown>> => {
  if (raw === undefined || raw === null || raw === "") return {};
  if (typeof raw === "string" && !base64.test(raw)) throw garbage();
  const value = typeof raw === "string" ? parseJson(Buffer.from(raw, "base64").toString("utf8")) : raw;
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw garbage();
  return { ...value };
};

/** The same for the call and for the entry of the log; there is no id of an event or of a delivery. */
const keyOf = (event: Omit<DirectoryEvent, "payload">): string =>
  `${event.aggregateType}|${event.aggregateId}|${event.sequence}|${event.type}`;

/** What is kept of an event: ids. Undefined for a type that nobody here acts on. */
export const incomingOf = (event: DirectoryEvent): IncomingEvent | undefined => {
  const subject = subjectOf(event.type);
  if (subject === undefined) return undefined;
  const { userId, projectId } = subject === "grant" ? GrantPayload.parse(readPayload(event.payload)) : {};
  return {
    source: "zitadel",
    key: keyOf(event),
    type: event.type,
    occurredAt: event.createdAt,
    reference: {
      aggregateId: event.aggregateId,
      ...(event.resourceOwner === "" ? {} : { organisationId: event.resourceOwner }),
      ...(userId === undefined ? {} : { userId }),
      ...(projectId === undefined ? {} : { projectId }),
    },
  };
};

/** Reads the body of a call whose signature was good. @throws DomainError `invalid-input` */
export const readCall = (body: Uint8Array): IncomingEvent | undefined => {
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new DomainError("invalid-input", "The body is not JSON in UTF-8.", { cause });
  }
  const call = Call.safeParse(raw);
  if (!call.success) {
    // Places only: a finding may quote the value.
    const places = call.error.issues.map(({ path }) => path.map(String).join(".") || "body");
    throw new DomainError("invalid-input", `These members are missing or wrong: ${places.join(", ")}.`);
  }
  const { aggregateID, aggregateType, resourceOwner, sequence, event_type, created_at, event_payload } = call.data;
  const payload = readPayload(event_payload);
  return incomingOf({
    ...{ aggregateType, aggregateId: aggregateID, resourceOwner: resourceOwner ?? "", sequence },
    ...{ type: event_type, createdAt: created_at, payload },
  });
};
