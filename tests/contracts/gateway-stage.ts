import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";

export const issuer = "https://id.kombify.test";
export const audience = "kombify-api";
export const functionsKey = "functions-key-of-the-stage";
export const simHostKey = "sim-host-key-of-the-stage";

/** What an upstream received, in the form it came over the wire. */
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Names as sent, so that `_` spellings show. */
  readonly headerNames: readonly string[];
  readonly body: string;
}

export interface StubServer {
  readonly port: number;
  readonly url: string;
  readonly close: () => Promise<void>;
}

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export const listen = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
  upgrade?: Upgrade,
): Promise<StubServer> => {
  const server: Server = createServer(answer);
  if (upgrade !== undefined) server.on("upgrade", upgrade);
  // A real Kong in a container reaches these stubs from outside loopback; then the port is given.
  await new Promise<void>((resolve) => server.listen(port, port === 0 ? "127.0.0.1" : "0.0.0.0", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a stub has no port");
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export interface Upstream extends StubServer {
  /** What came in under this correlation id. */
  readonly seen: (requestId: string) => SeenRequest | undefined;
  /** Sends the second event to everybody who waits at `/api/realtime`. */
  readonly sendSecondEvent: () => void;
}

const eventStreams = new Set(["/api/realtime", "/v1/simulations/s1/events"]);

/** Answers 200 to everything and remembers it; an event stream stays open. What wants to upgrade is remembered and handed on. */
export const startUpstream = async (port: number, upgrade?: Upgrade): Promise<Upstream> => {
  const requests = new Map<string, SeenRequest>();
  const streams: ServerResponse[] = [];
  const remember = async (request: IncomingMessage): Promise<void> => {
    const id = String(request.headers["x-request-id"]);
    const { method = "", url = "", rawHeaders } = request;
    const headerNames = rawHeaders.filter((_, index) => index % 2 === 0);
    const headers = Object.fromEntries(
      headerNames.map((name, index) => [name.toLowerCase(), rawHeaders[2 * index + 1]]),
    );
    requests.set(id, { method, url, headers, headerNames, body: await text(request) });
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (eventStreams.has(request.url ?? "") && request.method === "GET") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: one\n\n");
      streams.push(response);
      return;
    }
    remember(request).then(
      () =>
        response
          .writeHead(200, {
            "content-type": "application/json",
            "x-powered-by": "stub",
            server: "stub",
            via: "1.1 stub",
          })
          .end("{}"),
      () => response.destroy(),
    );
  };
  const handOn: Upgrade = (request, socket, head) => {
    void remember(request).then(() => upgrade?.(request, socket, head));
  };
  const stub = await listen(answer, port, upgrade === undefined ? undefined : handOn);
  return {
    ...stub,
    seen: (requestId) => requests.get(requestId),
    sendSecondEvent: () => streams.forEach((stream) => stream.end("data: two\n\n")),
  };
};

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

const newKey = (kid: string): SigningKey => ({
  kid,
  privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
});

const publicJwk = ({ kid, privateKey }: SigningKey) => ({
  ...createPublicKey(privateKey).export({ format: "jwk" }),
  kid,
  use: "sig",
  alg: "RS256",
});

export interface TokenSpec {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** How the third part is made: by default RS256 with the issuer's current key. */
  readonly signature?: "stranger" | "hmac-with-public-key" | "empty" | "of-other-claims";
}

export interface IdentityProvider extends StubServer {
  readonly fetches: () => number;
  readonly setDown: (isDown: boolean) => void;
  /** Publishes a new key beside the old one and signs with it from now on. */
  readonly rotate: () => void;
  readonly token: (spec?: TokenSpec) => string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A stand-in for Zitadel's key endpoint, and for whoever signs with its keys. */
export const startIdentityProvider = async (port: number): Promise<IdentityProvider> => {
  const keys = [newKey(`stage-${process.pid}-1`)];
  const stranger = newKey("stranger");
  let fetches = 0;
  let isDown = false;
  const stub = await listen((_, response) => {
    fetches += 1;
    if (isDown) response.writeHead(503).end();
    else
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ keys: keys.map(publicJwk) }));
  }, port);
  const current = (): SigningKey => keys[keys.length - 1] ?? stranger;

  const signatureOf = (input: string, kind: TokenSpec["signature"]): string => {
    switch (kind) {
      case "empty":
        return "";
      case "hmac-with-public-key": {
        const pem = createPublicKey(current().privateKey).export({ format: "pem", type: "spki" });
        return createHmac("sha256", pem).update(input).digest("base64url");
      }
      case "of-other-claims":
        return sign("sha256", Buffer.from(`${input}x`), current().privateKey).toString("base64url");
      case "stranger":
        return sign("sha256", Buffer.from(input), stranger.privateKey).toString("base64url");
      case undefined:
        return sign("sha256", Buffer.from(input), current().privateKey).toString("base64url");
    }
  };

  return {
    ...stub,
    fetches: () => fetches,
    setDown: (value) => {
      isDown = value;
    },
    rotate: () => {
      keys.push(newKey(`stage-${process.pid}-${keys.length + 1}`));
    },
    token: ({ claims = {}, header = {}, signature } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: issuer, aud: [audience, "another"], sub: "user-1", iat: now, nbf: now, exp: now + 300 };
      // JSON leaves a member out when it is undefined: that is how a scenario drops a claim.
      const input = `${encode({ alg: "RS256", kid: current().kid, typ: "at+jwt", ...header })}.${encode({ ...usual, ...claims })}`;
      return `${input}.${signatureOf(input, signature)}`;
    },
  };
};
