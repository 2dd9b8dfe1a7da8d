import { flag, number, shape, text } from "../../page/shape.ts";
import type { Read } from "../../page/shape.ts";
import type { PendingSignIn } from "./callback.ts";
import type { Person } from "./id-token.ts";

export interface Session {
  readonly accessToken: string;
  readonly expiresAtEpochSeconds: number;
  readonly person: Person;
}

const readSession: Read<Session> = shape({
  accessToken: text,
  expiresAtEpochSeconds: number,
  person: shape({
    name: text,
    email: text,
    organisation: text,
    isAdministrator: flag,
    isOperator: flag,
  }),
});
const readPending: Read<PendingSignIn> = shape({ state: text, nonce: text, verifier: text });

const sessionKey = "kombify.session";
const pendingKey = "kombify.sign-in";

/** What this tab remembers. Gone with the tab, and no other tab or site reads it. */
export interface TabMemory {
  readonly session: () => Session | undefined;
  readonly keepSession: (session: Session) => void;
  readonly keepPending: (pending: PendingSignIn) => void;
  /** Gives what was kept and forgets it, so that an answer counts once. */
  readonly takePending: () => PendingSignIn | undefined;
  readonly forget: () => void;
}

const parse = <T>(read: Read<T>, json: string | null): T | undefined => {
  if (json === null) return undefined;
  try {
    return read(JSON.parse(json));
  } catch {
    // Damaged or of another version: as good as none.
    return undefined;
  }
};

export const tabMemory = (storage: Storage, clock: () => Date): TabMemory => ({
  session: () => {
    const session = parse(readSession, storage.getItem(sessionKey));
    const isValid = session !== undefined && session.expiresAtEpochSeconds * 1000 > clock().getTime();
    return isValid ? session : undefined;
  },
  keepSession: (session) => storage.setItem(sessionKey, JSON.stringify(session)),
  keepPending: (pending) => storage.setItem(pendingKey, JSON.stringify(pending)),
  takePending: () => {
    const pending = parse(readPending, storage.getItem(pendingKey));
    storage.removeItem(pendingKey);
    return pending;
  },
  forget: () => {
    storage.removeItem(sessionKey);
    storage.removeItem(pendingKey);
  },
});
