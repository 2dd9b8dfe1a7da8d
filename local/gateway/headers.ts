import type { IncomingMessage } from "node:http";
import { isPlainUpgrade, isStrippedHeader } from "./claims.ts";
import { GatewayProblem } from "./problem.ts";

/** Kong 3.9.3 refuses a request with more header lines than this. */
const maximumHeaderLines = 1000;

const hopByHop = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** More than one of these is ambiguous: the gateway and the upstream could each believe another one. */
const singular = new Set(["authorization", "content-length", "content-type", "host", "transfer-encoding"]);
const hiddenResponseHeaders = new Set(["server", "via", "x-powered-by"]);

type HeaderLine = readonly [name: string, value: string];

const linesOf = (rawHeaders: readonly string[]): readonly HeaderLine[] => {
  const lines: HeaderLine[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    lines.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return lines;
};

const namedByConnection = (connection: string | undefined): ReadonlySet<string> =>
  new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()));

/** @throws GatewayProblem invalid-request when the request can be read in two ways, or is a flood of headers */
export const refuseAmbiguousRequest = (request: IncomingMessage): void => {
  const lines = linesOf(request.rawHeaders);
  const names = lines.map(([name]) => name.toLowerCase()).filter((name) => singular.has(name));
  const hasTwoLengths = names.includes("content-length") && names.includes("transfer-encoding");
  const isFolded = lines.some(([, value]) => /[\r\n\0]/.test(value));
  const isPlainPath = request.url?.startsWith("/") === true && !request.url.includes("#");
  const { upgrade, "content-length": length, "transfer-encoding": coding } = request.headers;
  const hasTwoReadings = hasTwoLengths || !isPlainUpgrade(upgrade, length, coding);
  const isAmbiguous = new Set(names).size !== names.length || hasTwoReadings || isFolded || !isPlainPath;
  if (isAmbiguous || lines.length > maximumHeaderLines) {
    throw new GatewayProblem("invalid-request", "The request is not well-formed.", {
      headers: { connection: "close" },
    });
  }
};

/** The peer's address; no proxy in front is trusted to name another one. */
export const clientAddressOf = (request: IncomingMessage): string =>
  (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");

/** Facts about the client's connection that Kong sets itself, whatever the client claims. */
const forwardingHeaders = (request: IncomingMessage, path: string): readonly string[] => {
  const host = request.headers.host ?? "";
  const ip = clientAddressOf(request);
  const hostName = host.replace(/:\d+$/, "");
  const facts: readonly HeaderLine[] = [
    ["X-Forwarded-For", ip],
    ["X-Forwarded-Proto", "http"],
    ["X-Forwarded-Host", hostName],
    ["X-Forwarded-Port", String(request.socket.localPort ?? "")],
    ["X-Forwarded-Path", path],
    ["X-Real-IP", ip],
  ];
  return facts.flat();
};

export interface UpstreamHeaderFacts {
  /** `host:port` of the upstream. */
  readonly host: string;
  /** The normalised path as the client asked for it. */
  readonly path: string;
  /** Set by plugins; they replace whatever the client sent under these names. */
  readonly set: Readonly<Record<string, string>>;
}

/** Raw header pairs for the upstream: the client's, without hop-by-hop, identity and forwarding headers, plus ours. */
export const upstreamHeaders = (request: IncomingMessage, facts: UpstreamHeaderFacts): string[] => {
  const dropped = namedByConnection(request.headers.connection);
  const replaced = new Set(Object.keys(facts.set).map((name) => name.toLowerCase()));
  const kept = linesOf(request.rawHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    return (
      lower !== "host" &&
      !hopByHop.has(lower) &&
      // An end-to-end header the gateway relies on may not be switched off by naming it in Connection.
      (!dropped.has(lower) || singular.has(lower)) &&
      !replaced.has(lower) &&
      !isStrippedHeader(name)
    );
  });
  const chunked = request.headers["transfer-encoding"] === undefined ? [] : ["Transfer-Encoding", "chunked"];
  return [
    "Host",
    facts.host,
    ...kept.flat(),
    ...forwardingHeaders(request, facts.path),
    ...Object.entries(facts.set).flat(),
    ...chunked,
  ];
};

/** Raw header pairs for the client: the upstream's without hop-by-hop and version headers, then the plugins' own. */
export const downstreamHeaders = (
  response: IncomingMessage,
  set: Readonly<Record<string, string>>,
  hasCors: boolean,
): string[] => {
  const dropped = namedByConnection(response.headers.connection);
  const replaced = new Set(Object.keys(set).map((name) => name.toLowerCase()));
  replaced.delete("vary");
  if (hasCors) replaced.add("access-control-allow-origin");
  const kept = linesOf(response.rawHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    return !hopByHop.has(lower) && !dropped.has(lower) && !hiddenResponseHeaders.has(lower) && !replaced.has(lower);
  });
  return [...kept.flat(), ...Object.entries(set).flat()];
};
