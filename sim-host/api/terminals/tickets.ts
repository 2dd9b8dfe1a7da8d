import { createHash } from "node:crypto";
import type { Caller } from "../../../shared/gateway/caller.ts";
import type { Clock } from "../../../shared/kernel/clock.ts";
import { DomainError } from "../../../shared/kernel/errors.ts";

/** What one ticket opens, and for whom. */
export interface TicketBinding {
  readonly caller: Caller;
  readonly tenantId: string;
  readonly simulationId: string;
  readonly node: string;
  readonly command: readonly string[];
  readonly size: { readonly columns: number; readonly rows: number };
}

/**
 * Lets a browser open one WebSocket, with which it cannot send a token. A ticket is good for one use and half a minute, and
 * only at the host that gave it: nothing but its digest is kept, in memory.
 */
export interface Tickets {
  /** @throws DomainError `stream-limit-reached` when too many were not used yet */
  issue(binding: TicketBinding): { readonly ticket: string; readonly expiresAt: string };
  /** What it opens; undefined for one that is unknown, used or too old. It is used up from then on. */
  take(ticket: string): TicketBinding | undefined;
}

interface Options {
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly lifetimeMilliseconds: number;
}

const ticketBytes = 32;
const perTenantMax = 20;
const totalMax = 2_000;

const digestOf = (ticket: string): string => createHash("sha256").update(ticket).digest("hex");

export const makeTickets = ({ clock, randomBytes, lifetimeMilliseconds }: Options): Tickets => {
  const kept = new Map<string, { readonly binding: TicketBinding; readonly expiresAt: number }>();
  const forgetOld = (now: number): void => {
    for (const [digest, { expiresAt }] of kept) if (expiresAt <= now) kept.delete(digest);
  };
  return {
    issue(binding) {
      const now = clock().getTime();
      forgetOld(now);
      const own = [...kept.values()].filter(({ binding: { tenantId } }) => tenantId === binding.tenantId).length;
      if (own >= perTenantMax || kept.size >= totalMax) {
        throw new DomainError("stream-limit-reached", "Too many terminals were asked for and not opened.");
      }
      const ticket = Buffer.from(randomBytes(ticketBytes)).toString("base64url");
      const expiresAt = now + lifetimeMilliseconds;
      kept.set(digestOf(ticket), { binding, expiresAt });
      return { ticket, expiresAt: new Date(expiresAt).toISOString() };
    },
    take(ticket) {
      const digest = digestOf(ticket);
      const found = kept.get(digest);
      // Before anything else is looked at: whoever comes second finds nothing, whatever becomes of the first.
      kept.delete(digest);
      return found === undefined || found.expiresAt <= clock().getTime() ? undefined : found.binding;
    },
  };
};
