import { z } from "zod";
import { CommandFailure } from "./failures.ts";

/** Asks the platform's API. @throws CommandFailure with what the platform says */
export interface PlatformClient {
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
}

interface PlatformOptions {
  /** The gateway's base URL. */
  readonly url: string | undefined;
  /** An operator's access token. */
  readonly token: string | undefined;
}

const localUrl = "http://localhost:8000";
const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"];
const timeoutMilliseconds = 60_000;
const Problem = z.object({ code: z.string(), detail: z.string(), requestId: z.string().optional() });

/** @throws CommandFailure unless a token may be sent there: encrypted, or to this machine */
const safeBase = (text: string): string => {
  const url = URL.parse(text);
  if (url === null) throw new CommandFailure("KOMBIFY_URL is no URL.");
  const isLocal = url.protocol === "http:" && loopbackHosts.includes(url.hostname);
  if (url.protocol === "https:" || isLocal) return text.replace(/\/+$/, "");
  throw new CommandFailure("KOMBIFY_URL must be https, or http to this machine: a token is sent with every request.");
};

const refusalOf = (status: number, text: string): CommandFailure => {
  const problem = Problem.safeParse(parseJson(text)).data;
  if (problem === undefined) return new CommandFailure(`The platform answered ${status}.`);
  const request = problem.requestId === undefined ? "" : ` (request ${problem.requestId})`;
  return new CommandFailure(`${problem.detail} [${status} ${problem.code}]${request}`);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Connects with the first request only, so that a command line that makes no sense is told first. */
export const openPlatformClient = ({ url = localUrl, token }: PlatformOptions): PlatformClient => {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    if (token === undefined) throw new CommandFailure("Set KOMBIFY_TOKEN to an operator's access token.");
    const base = safeBase(url);
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "content-type": "application/json",
    };
    try {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      // A redirect is not followed: the token is meant for this address only.
      return await fetch(`${base}${path}`, { ...init, headers, redirect: "manual", signal });
    } catch (cause) {
      throw new CommandFailure(`The platform at ${new URL(base).origin} cannot be reached.`, { cause });
    }
  };
  const read = async <T>(response: Response, schema: z.ZodType<T>): Promise<T> => {
    const text = await response.text();
    if (!response.ok) throw refusalOf(response.status, text);
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) throw new CommandFailure("The platform's answer is not understood by this version.");
    return parsed.data;
  };
  return {
    get: async (path, schema) => read(await ask(path, { method: "GET" }), schema),
    post: async (path, body, schema) => read(await ask(path, { method: "POST", body: JSON.stringify(body) }), schema),
  };
};
