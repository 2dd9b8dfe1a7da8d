import { setTimeout as sleep } from "node:timers/promises";

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface ApiRequest {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent once only: the request uses something up, and the caller begins anew when the answer is not good. */
  readonly isSingleUse?: true;
}

/** A client of the platform that does what good clients do: bounded in time, patient with 502, 503 and lost connections. */
export type ApiClient = (request: ApiRequest) => Promise<ApiAnswer>;

const requestTimeoutMilliseconds = 40_000;
const patienceMilliseconds = 60_000;
const pauseMilliseconds = 300;
const passing: ReadonlySet<number> = new Set([502, 503]);

const send = async (gateway: string, request: ApiRequest): Promise<ApiAnswer> => {
  const response = await fetch(new URL(request.path, gateway), {
    method: request.method ?? "GET",
    headers: {
      accept: "application/json",
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    redirect: "manual",
    signal: AbortSignal.timeout(requestTimeoutMilliseconds),
  });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
};

/** Retries what the platform may not have received or refused in passing; callers make their requests repeatable. */
export const makeApiClient =
  (gateway: string): ApiClient =>
  async (request) => {
    const deadline = performance.now() + patienceMilliseconds;
    for (;;) {
      try {
        const answer = await send(gateway, request);
        const isFinal = request.isSingleUse === true || !passing.has(answer.status);
        if (isFinal || performance.now() > deadline) return answer;
      } catch (error) {
        if (request.isSingleUse === true || performance.now() > deadline) throw error;
      }
      await sleep(pauseMilliseconds);
    }
  };

/** The answer's body if the status is one of these. @throws Error with the problem's own words otherwise */
export const expectStatus = ({ status, body }: ApiAnswer, ...wanted: readonly number[]): unknown => {
  if (wanted.includes(status)) return body;
  throw new Error(`Expected ${wanted.join(" or ")} but got ${status}: ${JSON.stringify(body).slice(0, 500)}`);
};
