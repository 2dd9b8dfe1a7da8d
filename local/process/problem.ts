import type { ServerResponse } from "node:http";

/** A refusal a development endpoint or a page answers with; the message is shown to the caller. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Answers JSON; `no-store`, since everything this provider says in JSON is about one person or one moment. */
export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
};

/** Answers an RFC 9457 problem document. */
export const sendProblem = (response: ServerResponse, refusal: Refusal): void => {
  const { status, code, message } = refusal;
  const body = JSON.stringify({ type: "about:blank", title: code, status, code, detail: message });
  response.writeHead(status, { "content-type": "application/problem+json", "cache-control": "no-store" });
  response.end(body);
};
