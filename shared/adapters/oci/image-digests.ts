import { createHash } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../../kernel/errors.ts";
import type { ResolveDigest } from "../../stackkits/pin-images.ts";

const timeoutMilliseconds = 15_000;
const manifestBytesMax = 4_000_000;
/** Indexes of several architectures first: their digest is the one that fits every machine. */
const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

const isLoopback = (host: string): boolean => /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host);

/** Where Docker looks for an image of this name: Docker Hub unless its first part is a host. */
const addressOf = (name: string): { readonly base: string; readonly repository: string } => {
  const [first = "", ...rest] = name.split("/");
  const isHost = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  if (isHost) return { base: `${isLoopback(first) ? "http" : "https"}://${first}`, repository: rest.join("/") };
  return { base: "https://registry-1.docker.io", repository: rest.length === 0 ? `library/${name}` : name };
};

const failed = (name: string, tag: string, why: string, cause?: unknown): DomainError =>
  new DomainError("unavailable", `The digest of ${name}:${tag} was not found: ${why}.`, { cause });

/** Members of a challenge such as `Bearer realm="https://auth.example/token",service="registry"`. */
const challengeOf = (header: string | null): ReadonlyMap<string, string> | undefined =>
  header !== null && /^bearer /i.test(header)
    ? new Map([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]))
    : undefined;

/** A token for reading, as the registry's challenge asks for it; anonymous. */
const tokenFor = async (challenge: ReadonlyMap<string, string>, repository: string): Promise<string | undefined> => {
  const realm = URL.parse(challenge.get("realm") ?? "");
  if (realm === null || (realm.protocol !== "https:" && !isLoopback(realm.host))) return undefined;
  realm.searchParams.set("service", challenge.get("service") ?? "");
  realm.searchParams.set("scope", `repository:${repository}:pull`);
  const answer = await fetch(realm, { redirect: "error", signal: AbortSignal.timeout(timeoutMilliseconds) });
  if (!answer.ok) return undefined;
  const { token, access_token: accessToken } = Token.parse(await answer.json());
  return token ?? accessToken;
};

const ask = async (url: string, method: "HEAD" | "GET", token: string | undefined): Promise<Response> => {
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return fetch(url, { method, headers, redirect: "error", signal: AbortSignal.timeout(timeoutMilliseconds) });
};

const isDigest = (text: string | null): text is string => text !== null && /^sha256:[a-f0-9]{64}$/.test(text);

/** Registries of the OCI distribution specification (version 1.1, section "Pulling manifests"); nothing is downloaded but manifests. */
export const ociImageDigests: ResolveDigest = async (name, tag) => {
  const { base, repository } = addressOf(name);
  const url = `${base}/v2/${repository}/manifests/${tag}`;
  try {
    let token: string | undefined;
    let answer = await ask(url, "HEAD", token);
    const challenge = answer.status === 401 ? challengeOf(answer.headers.get("www-authenticate")) : undefined;
    if (challenge !== undefined) {
      token = await tokenFor(challenge, repository);
      answer = await ask(url, "HEAD", token);
    }
    if (!answer.ok) throw failed(name, tag, `the registry answered ${answer.status}`);
    const said = answer.headers.get("docker-content-digest");
    if (isDigest(said)) return said;
    const whole = await ask(url, "GET", token);
    const bytes = new Uint8Array(await whole.arrayBuffer());
    if (!whole.ok || bytes.length > manifestBytesMax) throw failed(name, tag, "the registry does not say it");
    return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw failed(name, tag, `${new URL(base).host} cannot be reached`, cause);
  }
};
