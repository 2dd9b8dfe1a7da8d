import { z } from "zod";
import type { ContainerDefinition } from "../documents/document-store.ts";
import type { Caller } from "../gateway/caller.ts";

/** `deactivated` also while the identity provider has the account locked. */
export const UserStatus = z.enum(["active", "deactivated", "removed"]);
export type UserStatus = z.infer<typeof UserStatus>;

/** Roles of our project, held in one organisation; worth nothing in any other. Only what is in force. */
export const Grant = z.object({ id: z.string(), orgId: z.string(), roles: z.array(z.string()) });
export type Grant = z.infer<typeof Grant>;

/** A person; `id` is the Zitadel subject. Instants are ISO 8601 UTC. */
export const User = z.object({
  id: z.string(),
  email: z.string().optional(),
  name: z.string().optional(),
  orgId: z.string().optional(),
  isOrganisationAdmin: z.boolean(),
  seenAt: z.string(),
  status: UserStatus.default("active"),
  grants: z.array(Grant).default([]),
  /** Whether the own organisation ever granted a role: then having none any more means having lost the access. */
  wasGranted: z.boolean().default(false),
  /** Counts what the identity provider's record has changed. */
  version: z.int().nonnegative().default(0),
  /** When the identity provider's own record was last asked for; null while only tokens have told of the person. */
  readAt: z.string().nullable().default(null),
  /** `due`: the person's Stack has not been told of the latest change yet. */
  stackState: z.enum(["settled", "due"]).default("settled"),
});
export type User = z.infer<typeof User>;

export const usersContainer: ContainerDefinition = {
  name: "users",
  partitionKey: "id",
  indexes: ["seenAt", "orgId", "stackState"],
};

export const administratorRole = "admin";

export const hasRole = (grants: readonly Grant[], role: string, orgId: string | undefined): boolean =>
  grants.some((grant) => grant.orgId === orgId && grant.roles.includes(role));

/** Why a person may not be let in, or undefined. `withdrawn`: every role in the own organisation was taken away. */
export const refusalOf = (
  user: Pick<User, "status" | "wasGranted" | "orgId"> & { readonly grants: readonly Pick<Grant, "orgId">[] },
): "removed" | "deactivated" | "withdrawn" | undefined => {
  if (user.status !== "active") return user.status;
  const isWithdrawn = user.wasGranted && !user.grants.some(({ orgId }) => orgId === user.orgId);
  return isWithdrawn ? "withdrawn" : undefined;
};

/** The identity provider's clock and ours; within it the record that was read is believed, not the token. */
const skewMilliseconds = 5_000;

/** Whether the record says something newer than the caller's token. */
export const isNewerThan = ({ readAt }: Pick<User, "readAt">, caller: Caller): boolean =>
  readAt !== null && Date.parse(readAt) + skewMilliseconds >= (caller.issuedAtEpochSeconds ?? 0) * 1000;
