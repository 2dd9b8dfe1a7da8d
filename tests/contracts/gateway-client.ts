import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly isChunked?: boolean;
}

const timeoutMilliseconds = 10_000;

/** Sends a request exactly as written: no path is normalised, no header merged. */
export const ask = (baseUrl: string, { method = "GET", path, headers = [], body, isChunked }: Question) =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port, host } = new URL(baseUrl);
    const length = body === undefined || isChunked === true ? [] : ["Content-Length", String(Buffer.byteLength(body))];
    const chunked = isChunked === true ? ["Transfer-Encoding", "chunked"] : [];
    const request = httpRequest({
      hostname,
      port,
      method,
      path,
      headers: ["Host", host, ...headers.flat(), ...length, ...chunked],
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    request.once("error", reject);
    request.once("response", (response) => {
      const { statusCode = 0, headers: received } = response;
      const flat = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, value?.toString()]));
      text(response).then((answer) => resolve({ status: statusCode, headers: flat, body: answer }), reject);
    });
    request.end(body);
  });

/** Sends raw bytes and reads until the other side closes; for requests no client library would make. */
export const askRaw = (baseUrl: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(baseUrl);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error("the gateway did not close the connection")));
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk));
    socket.once("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
    socket.once("close", () => resolve(answer));
  });

/** Asks again until the answer has the wanted status; the waiting is bounded. */
export const askUntil = async (status: number, question: () => Promise<Answer>, seconds: number): Promise<Answer> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer.status === status || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
