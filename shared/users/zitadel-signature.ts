import { createHmac, timingSafeEqual } from "node:crypto";

/** Signed longer ago than this, or further in the future, is refused. Zitadel's own check knows only the past. */
const toleranceSeconds = 300;
const signaturesMax = 10;

interface Parsed {
  readonly seconds: number;
  readonly signatures: readonly Buffer[];
}

const secondsForm = /^\d{1,12}$/;
const signatureForm = /^[0-9a-f]{64}$/;

/** `t=<unix seconds>,v1=<hex>[,v1=<hex>]`; pairs of other names are skipped, a pair that is none spoils the header. */
const parseHeader = (header: string): Parsed | undefined => {
  const pairs = header.split(",").map((pair) => pair.trim().split("="));
  if (pairs.some((pair) => pair.length !== 2)) return undefined;
  const valuesOf = (name: string): string[] => pairs.flatMap(([key, value = ""]) => (key === name ? [value] : []));
  const [seconds = "", ...more] = valuesOf("t");
  const signatures = valuesOf("v1").filter((value) => signatureForm.test(value));
  if (more.length > 0 || !secondsForm.test(seconds)) return undefined;
  if (signatures.length === 0 || signatures.length > signaturesMax) return undefined;
  return { seconds: Number(seconds), signatures: signatures.map((hex) => Buffer.from(hex, "hex")) };
};

const digest = (key: string, seconds: number, body: Uint8Array): Buffer =>
  createHmac("sha256", key).update(`${seconds}.`).update(body).digest();

/** The value of `ZITADEL-Signature` (zitadel `pkg/actions/signing.go`): the key's own text is the HMAC key. */
export const signZitadelCall = (key: string, seconds: number, body: Uint8Array): string =>
  `t=${seconds},v1=${digest(key, seconds, body).toString("hex")}`;

/** Whether one of the keys signed exactly these bytes within five minutes of now, before or after. */
export const isSignedByZitadel = (
  keys: readonly string[],
  header: string | null,
  body: Uint8Array,
  now: Date,
): boolean => {
  const parsed = parseHeader(header ?? "");
  if (parsed === undefined) return false;
  if (Math.abs(now.getTime() / 1000 - parsed.seconds) > toleranceSeconds) return false;
  // No early exit: every key is held against every signature, each in constant time.
  const matches = keys.flatMap((key) => {
    const expected = digest(key, parsed.seconds, body);
    return parsed.signatures.filter((signature) => timingSafeEqual(signature, expected));
  });
  return matches.length > 0;
};
