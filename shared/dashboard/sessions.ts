import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import type { PendingSignIn } from "./ports.ts";
import type { Sealer } from "./sealer.ts";

/** An operator's session as the browser keeps it, sealed. `formToken` stands in every form of the session. */
export interface DashboardSession {
  readonly accessToken: string;
  readonly formToken: string;
}

export interface Sessions {
  /** @throws DomainError `too-large` when it would not fit into a cookie */
  seal(session: DashboardSession, lifeSeconds: number): Promise<string>;
  open(sealed: string): Promise<DashboardSession | undefined>;
  sealPending(pending: PendingSignIn): Promise<string>;
  openPending(sealed: string): Promise<PendingSignIn | undefined>;
}

/** As long as somebody may take over the sign-in page. */
export const pendingSignInSeconds = 10 * 60;

/** Browsers drop cookies above 4096 bytes, their name and attributes included. */
const sealedLengthMax = 3_800;

const Session = z.object({ accessToken: z.string().min(1), formToken: z.string().min(16) });
const Pending = z.object({ state: z.string().min(16), nonce: z.string().min(16), verifier: z.string().min(43) });
const purposes = { session: "dashboard-session", pending: "dashboard-sign-in" } as const;

export const makeSessions = (sealer: Sealer): Sessions => ({
  async seal({ accessToken, formToken }, lifeSeconds) {
    const sealed = await sealer.seal(purposes.session, { accessToken, formToken }, lifeSeconds);
    if (sealed.length <= sealedLengthMax) return sealed;
    throw new DomainError("too-large", "Your access token is too large to be kept: it names too many roles.");
  },
  open: async (sealed) => {
    if (sealed.length > sealedLengthMax) return undefined;
    return Session.safeParse(await sealer.open(purposes.session, sealed)).data;
  },
  sealPending: ({ state, nonce, verifier }) =>
    sealer.seal(purposes.pending, { state, nonce, verifier }, pendingSignInSeconds),
  openPending: async (sealed) => {
    if (sealed.length > sealedLengthMax) return undefined;
    return Pending.safeParse(await sealer.open(purposes.pending, sealed)).data;
  },
});
