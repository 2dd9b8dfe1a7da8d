import type { IncomingMessage } from "node:http";
import type { RpcHttpData, RpcNullable } from "../core/rpc.ts";
import type { RouteValues } from "./route-template.ts";

type NullableMap = Record<string, RpcNullable<string>>;

// Without a prototype: a header or query key may be called `__proto__`.
const nullableMap = (): NullableMap => Object.create(null) as NullableMap;

const add = (map: NullableMap, key: string, value: string, separator: string): void => {
  const earlier = map[key];
  map[key] = { value: earlier === undefined ? value : `${earlier.value}${separator}${value}` };
};

const readHeaders = (rawHeaders: readonly string[]): NullableMap => {
  const headers = nullableMap();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    add(headers, name, rawHeaders[at + 1] ?? "", name === "cookie" ? "; " : ",");
  }
  return headers;
};

const readQuery = (search: string): NullableMap => {
  const query = nullableMap();
  if (search.length > 1) {
    for (const [key, value] of new URLSearchParams(search)) add(query, key, value, ",");
  }
  return query;
};

const readParameters = (values: RouteValues): NullableMap => {
  const parameters = nullableMap();
  for (const [name, value] of Object.entries(values)) parameters[name] = { value };
  return parameters;
};

export interface RequestParts {
  readonly message: IncomingMessage;
  /** Absolute, with the query, from the Host header. */
  readonly url: string;
  readonly search: string;
  readonly values: RouteValues;
  readonly body: Buffer | undefined;
}

/** The request in the form the library reads: names in lower case, repeated headers and query keys joined by commas. */
export const toRequestData = ({ message, url, search, values, body }: RequestParts): RpcHttpData => ({
  method: message.method ?? "GET",
  url,
  nullableHeaders: readHeaders(message.rawHeaders),
  nullableQuery: readQuery(search),
  nullableParams: readParameters(values),
  ...(body === undefined ? {} : { body: { bytes: body } }),
});
