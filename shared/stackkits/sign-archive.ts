import { createHash } from "node:crypto";
import type { CryptoKey, JWK } from "jose";
import { errors, FlattenedSign, flattenedVerify, importJWK } from "jose";

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Which version this is, beside the bytes: a signature of one kit must not pass for another. */
export interface Signed {
  readonly id: string;
  readonly version: string;
  readonly archive: Uint8Array;
}

const payloadOf = ({ id, version, archive }: Signed): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ id, version, sha256: sha256Of(archive) }));

/** A detached JWS (RFC 7515, appendix F), compact: `header..signature`, ES256. The payload is id, version and SHA-256. */
export const signArchive = async (signed: Signed, key: CryptoKey | JWK, keyId: string): Promise<string> => {
  const header = { alg: "ES256", kid: keyId, typ: "stackkit+jws" };
  const jws = await new FlattenedSign(payloadOf(signed)).setProtectedHeader(header).sign(key);
  return `${jws.protected ?? ""}..${jws.signature}`;
};

/** Whether one of the keys signed exactly this archive of exactly this version. */
export const isSignedBy = async (signed: Signed, signature: string, keys: readonly JWK[]): Promise<boolean> => {
  const [header = "", , mac = ""] = signature.trim().split(".");
  const jws = { protected: header, payload: Buffer.from(payloadOf(signed)).toString("base64url"), signature: mac };
  for (const key of keys) {
    try {
      await flattenedVerify(jws, await importJWK(key, "ES256"), { algorithms: ["ES256"] });
      return true;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return false;
};
