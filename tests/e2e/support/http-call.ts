import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly token?: string | undefined;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, without a content type of its own. */
  readonly body?: string | Uint8Array;
  /** Sent without a declared length. */
  readonly isChunked?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const timeoutMilliseconds = 60_000;

const bodyOf = ({ json, body }: Call): Buffer | undefined => {
  if (json !== undefined) return Buffer.from(JSON.stringify(json));
  return body === undefined ? undefined : Buffer.from(body);
};

const headersOf = (call: Call, body: Buffer | undefined): OutgoingHttpHeaders => ({
  accept: "application/json",
  ...(call.json === undefined ? {} : { "content-type": "application/json" }),
  ...(body === undefined ? {} : call.isChunked === true ? {} : { "content-length": body.byteLength }),
  ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
  ...call.headers,
});

/** One request as it is written, on a connection of its own: `fetch` would repair or refuse some of ours. */
export const send = (base: string, call: Call): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = bodyOf(call);
    const { hostname, port } = new URL(base);
    const request = httpRequest({
      host: hostname,
      port,
      path: call.path,
      method: call.method ?? (body === undefined ? "GET" : "POST"),
      headers: headersOf(call, body),
      agent: false,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    request.once("response", (response) => {
      text(response).then((content) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: content });
      }, reject);
    });
    request.once("error", reject);
    request.end(body);
  });

/** The answer's body, which must be JSON. */
export const jsonOf = ({ text: content }: Answer): unknown => JSON.parse(content) as unknown;
