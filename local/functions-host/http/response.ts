import type { ServerResponse } from "node:http";
import type { InvocationResponse, RpcHttpData, RpcTypedData } from "../core/rpc.ts";
import { toSetCookie } from "./cookies.ts";

/** Node sets these itself; an app's own value could only contradict the bytes sent. */
const connectionHeaders: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "date",
]);

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

const toBytes = (body: RpcTypedData | null | undefined): Uint8Array => {
  if (body?.bytes) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? "");
};

const statusOf = (http: RpcHttpData): number => {
  const status = Number(http.statusCode ?? "200");
  if (!Number.isInteger(status) || status < 200 || status > 999) {
    throw new Error(`The function returned the status "${http.statusCode ?? ""}", which is not one.`);
  }
  return status;
};

const setHeaders = (response: ServerResponse, http: RpcHttpData): void => {
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (!connectionHeaders.has(name.toLowerCase())) response.setHeader(name, value);
  }
  for (const cookie of http.cookies ?? []) response.appendHeader("set-cookie", toSetCookie(cookie));
};

/** Ends a response that has no body. */
export const endEmpty = (response: ServerResponse, status: number): void => {
  response.statusCode = status;
  if (!bodiless.has(status)) response.setHeader("content-length", 0);
  response.end();
};

/**
 * Sends what a function returned. No value at all is a 204; an empty object a 200.
 * @throws before anything is sent when the status, a header or a cookie is not valid
 */
export const sendInvocationResponse = (response: ServerResponse, invocation: InvocationResponse): void => {
  const http = invocation.returnValue?.http;
  if (http === undefined || http === null) {
    endEmpty(response, 204);
    return;
  }
  const status = statusOf(http);
  setHeaders(response, http);
  if (bodiless.has(status)) {
    endEmpty(response, status);
    return;
  }
  const bytes = toBytes(http.body);
  response.statusCode = status;
  response.setHeader("content-length", bytes.byteLength);
  response.end(bytes);
};
