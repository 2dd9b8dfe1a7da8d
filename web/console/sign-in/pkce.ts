import { toBase64url } from "./base64url.ts";

/** Fills the array with bytes from a secure source, as `crypto.getRandomValues` does. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

const secretBytes = 32;

/** 256 random bits as 43 characters: a PKCE verifier (RFC 7636 section 4.1), a state or a nonce. */
export const newSecret = (fillRandom: FillRandom): string => {
  const bytes = new Uint8Array(secretBytes);
  fillRandom(bytes);
  return toBase64url(bytes);
};

/** The S256 challenge of a verifier (RFC 7636 section 4.2). */
export const challengeOf = async (verifier: string): Promise<string> =>
  toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
