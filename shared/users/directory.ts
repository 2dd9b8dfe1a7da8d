import type { Grant } from "./user.ts";

/** A person or a machine as the identity provider describes it now. */
export interface DirectoryUser {
  readonly kind: "person" | "machine";
  readonly isActive: boolean;
  readonly orgId: string;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
}

/** One entry of the identity provider's log. `payload` is read for ids only. */
export interface DirectoryEvent {
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly resourceOwner: string;
  readonly sequence: number;
  readonly type: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly payload: unknown;
}

/**
 * The identity provider's own records: the truth behind its events. Every call is bounded in time and attempts.
 * @throws DomainError `identity-provider-unavailable`
 */
export interface Directory {
  /** Undefined when it shows no such user: removed, or not for our eyes (`wasRemoved` tells). */
  user(sub: string): Promise<DirectoryUser | undefined>;
  /** What is in force for our project, in all organisations. */
  grants(sub: string): Promise<readonly Grant[]>;
  /** Undefined when it shows no such organisation. */
  organisation(orgId: string): Promise<"active" | "inactive" | undefined>;
  /** Whether its log says that this user or organisation was removed. */
  wasRemoved(aggregateType: "user" | "org", id: string): Promise<boolean>;
  /** Who a grant was given to, from its log: its later events do not say. */
  grantHolder(grantId: string): Promise<string | undefined>;
  /** Its log of the types that matter here, oldest first, from this instant on (inclusive). */
  eventsFrom(sinceIso: string | null, limit: number): Promise<readonly DirectoryEvent[]>;
}
