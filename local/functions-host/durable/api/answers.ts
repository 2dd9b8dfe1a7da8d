export interface ApiRequest {
  readonly method: string;
  /** Behind `/runtime/webhooks/durabletask` or the RPC base, with its leading slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly origin: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export const jsonAnswer = (status: number, body: unknown, headers: Record<string, string> = {}): ApiAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});

export const emptyAnswer = (status: number, headers: Record<string, string> = {}): ApiAnswer => ({ status, headers });

/** What is not built answers 501 with plain text: that is the only form of an error that every SDK call shows whole. */
export const unsupportedAnswer = (what: string): ApiAnswer => ({
  status: 501,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: `${what} not supported locally.`,
});

/** The request cannot be understood; answered with 400. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

/** Errors look like the extension's: the SDK shows `Message`. */
export const errorAnswer = (status: number, message: string): ApiAnswer =>
  jsonAnswer(status, { Message: message, ExceptionMessage: message, ExceptionType: "System.ArgumentException" });
