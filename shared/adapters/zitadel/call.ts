import { DomainError } from "../../kernel/errors.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface CallOptions {
  readonly issuer: string;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** For one attempt; 5,000 unless given. */
  readonly timeoutMilliseconds?: number;
}

export interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token?: string;
  readonly body?: URLSearchParams | Readonly<Record<string, unknown>>;
}

/** One request with its repetitions. Statuses below 500 other than 429 are answers. */
export type Call = (request: Request) => Promise<Answer>;

const usualTimeoutMilliseconds = 5_000;
const attemptsMax = 3;
const pauseMilliseconds = 300;
const answerBytesMax = 4_000_000;

/** Says what kind of failure it was, never what was sent or received: both name people. */
const unavailable = (reason: string): DomainError =>
  new DomainError("identity-provider-unavailable", `The identity provider's API cannot be used now (${reason}).`);

const readJson = async (response: Response): Promise<unknown> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > answerBytesMax) throw unavailable("answer too large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    throw unavailable("answer is not JSON");
  }
};

const headersOf = ({ token, body }: Request): Record<string, string> => ({
  accept: "application/json",
  // For the newer services, which speak Connect; the others do not mind.
  "connect-protocol-version": "1",
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(body === undefined || body instanceof URLSearchParams ? {} : { "content-type": "application/json" }),
});

const once = async (issuer: string, request: Request, timeoutMilliseconds: number): Promise<Answer> => {
  const { body } = request;
  const payload = body instanceof URLSearchParams || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(`${issuer}${request.path}`, {
    method: request.method,
    headers: headersOf(request),
    ...(payload === undefined ? {} : { body: payload }),
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  if (response.status >= 500 || response.status === 429) {
    await response.body?.cancel();
    throw unavailable(`status ${response.status}`);
  }
  return { status: response.status, body: await readJson(response) };
};

/** Reading only, so everything may be asked again: three times within 15 seconds and a little. */
export const makeCall =
  ({ issuer, random, sleep, timeoutMilliseconds = usualTimeoutMilliseconds }: CallOptions): Call =>
  async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(issuer, request, timeoutMilliseconds);
      } catch (error) {
        const failure = error instanceof DomainError ? error : unavailable(error instanceof Error ? error.name : "?");
        if (attempt >= attemptsMax) throw failure;
        await sleep(attempt * pauseMilliseconds * (0.5 + random()));
      }
    }
  };
