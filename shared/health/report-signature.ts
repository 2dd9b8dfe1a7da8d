import { createHmac, timingSafeEqual } from "node:crypto";

/** What an instance's `X-Kombify-Signature` header holds: `t=<unix seconds>,v1=<hex>[,v1=<hex>]` while keys change. */
interface SignatureHeader {
  readonly seconds: number;
  readonly signatures: readonly Buffer[];
}

const headerForm = /^t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,5})$/;

const parseHeader = (header: string): SignatureHeader | undefined => {
  const [, seconds, list] = headerForm.exec(header) ?? [];
  if (seconds === undefined || list === undefined) return undefined;
  const signatures = list
    .split(",v1=")
    .slice(1)
    .map((hex) => Buffer.from(hex, "hex"));
  return { seconds: Number(seconds), signatures };
};

const digest = (key: string, seconds: number, body: string): Buffer =>
  createHmac("sha256", key).update(`${seconds}.${body}`).digest();

/** The header an instance sends; here for tests and for whoever wants to compare. */
export const signReport = (key: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${digest(key, seconds, body).toString("hex")}`;

/** Compared with when there is no key, so that an unknown instance takes as long as a wrong signature. */
const noKey = "no-key";

/** When the body was signed (unix milliseconds), or undefined if this key did not sign it. */
export const signedAt = (key: string | undefined, header: string | null, body: string): number | undefined => {
  const parsed = parseHeader(header ?? "");
  if (parsed === undefined) return undefined;
  const expected = digest(key ?? noKey, parsed.seconds, body);
  // No early exit: every signature is compared, each in constant time.
  const matches = parsed.signatures.filter((signature) => timingSafeEqual(signature, expected));
  return matches.length > 0 && key !== undefined ? parsed.seconds * 1000 : undefined;
};
