import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { ZodError } from "zod";
import { requireLocalCaller } from "../process/access.ts";
import { close, listen } from "../process/http-listener.ts";
import { Refusal, sendJson } from "../process/problem.ts";
import { makeApi } from "./api.ts";
import type { StripeConfig } from "./config.ts";
import { startDelivery } from "./deliver.ts";
import type { Faults } from "./dev-endpoints.ts";
import { makeDevEndpoints } from "./dev-endpoints.ts";
import { Ledger } from "./ledger.ts";
import type { Page } from "./pages.ts";
import { makePages } from "./pages.ts";
import type { Records } from "./records.ts";
import { openRecords } from "./records.ts";

const bodyBytesMax = 64 * 1024;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.length;
    if (bytes > bodyBytesMax) throw new Refusal(413, "too-large", "The body is larger than 64 KiB.");
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Stripe's own form of an error; the client makes its error classes from it. */
const sendError = (response: ServerResponse, error: unknown): void => {
  const bad = error instanceof ZodError ? new Refusal(400, "parameter_invalid", error.message) : error;
  const { status, code, message } =
    bad instanceof Refusal ? bad : new Refusal(500, "api_error", "Something went wrong.");
  if (!(bad instanceof Refusal)) console.error(`stripe: ${error instanceof Error ? error.message : "unknown failure"}`);
  if (response.headersSent) response.destroy();
  else
    sendJson(response, status, {
      error: { type: status >= 500 ? "api_error" : "invalid_request_error", code, message },
    });
};

const sendPage = (response: ServerResponse, page: Page): void => {
  // With no referrer at all a browser would send its forms with `Origin: null`, which is nobody's.
  const headers = { "cache-control": "no-store", "referrer-policy": "same-origin" };
  if ("location" in page) response.writeHead(303, { ...headers, location: page.location }).end();
  else response.writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" }).end(page.html);
};

/** Answers calls of the client: faults that were asked for, the key, and what was answered under the same idempotency key. */
const makeAnswerApi =
  (config: StripeConfig, records: Records, faults: Faults, api: ReturnType<typeof makeApi>) =>
  (request: IncomingMessage, response: ServerResponse, target: URL, body: string): void => {
    if (faults.count > 0) {
      faults.count -= 1;
      if (faults.status === 0) return void response.destroy();
      throw new Refusal(faults.status, "api_error", "This failure was asked for.");
    }
    const given = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!timingSafeEqual(digest(given), digest(config.apiKey))) throw new Refusal(401, "api_key_invalid", "Wrong key.");
    const method = request.method ?? "GET";
    const call = { method, path: target.pathname, query: target.searchParams, form: new URLSearchParams(body) };
    const key = request.headers["idempotency-key"];
    if (method !== "POST" || typeof key !== "string") {
      sendJson(
        response,
        200,
        records.atOnce(() => api(call)),
      );
      return;
    }
    const asked = `${target.pathname}?${body}`;
    const answer = records.atOnce(() => {
      const known = records.answered(key);
      if (known !== undefined && known.request !== asked) {
        throw new Refusal(400, "idempotency_key_in_use", "The key was used for another request.");
      }
      if (known !== undefined) return known.body;
      const made = api(call);
      records.keepAnswer(key, asked, made);
      return made;
    });
    sendJson(response, 200, answer);
  };

/** Starts the stand-in for Stripe. `url` is its API's base address, and that of its pages. */
export const startStripe = async (config: StripeConfig) => {
  const records = openRecords(config.dataDirectory);
  const ledger = new Ledger(records);
  const faults: Faults = { count: 0, status: 500 };
  let url = "";
  const api = makeApi(ledger, () => url);
  const pages = makePages(ledger);
  const dev = makeDevEndpoints(ledger, faults);
  const answerApi = makeAnswerApi(config, records, faults, api);
  const server = createServer({ requestTimeout: 30_000 });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requireLocalCaller(request, "127.0.0.1", [url, url.replace("127.0.0.1", "localhost")]);
    const target = new URL(request.url ?? "/", url);
    const body = await readBody(request);
    if (target.pathname.startsWith("/v1/")) answerApi(request, response, target, body);
    else if (target.pathname.startsWith("/dev/")) {
      if (!(request.headers["content-type"] ?? "").startsWith("application/json") && request.method === "POST") {
        throw new Refusal(415, "unsupported-media-type", "Send JSON.");
      }
      sendJson(response, 200, dev(target.pathname, body === "" ? {} : (JSON.parse(body) as unknown)));
    } else if (/^\/(checkout|portal)\/\w+$/.test(target.pathname)) {
      const action = request.method === "POST" ? new URLSearchParams(body).get("action") : null;
      sendPage(
        response,
        records.atOnce(() => pages(target.pathname, action)),
      );
    } else throw new Refusal(404, "not-found", "There is nothing here.");
  };
  server.on("request", (request, response) => {
    answer(request, response).catch((error: unknown) => sendError(response, error));
  });
  const { port } = await listen(server, "127.0.0.1", config.port);
  url = `http://127.0.0.1:${port}`;
  const delivery = startDelivery(ledger, config.webhook);
  return {
    url,
    stop: async (): Promise<void> => {
      await close(server);
      await delivery.stop();
      records.close();
    },
  };
};
