import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { toProblem } from "./problem.ts";

/** One HTTP entry point, as data: registered by main.ts, held against kong.yml and the tests by its route. */
export interface HttpFunction {
  readonly name: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly route: string;
  /**
   * Who may call: `gateway` needs the function key, `anyone` does not (probes, public keys). `service`: services of the
   * platform call the app itself, by a service key that the handler asks for; the gateway has no route to it.
   */
  readonly access: "gateway" | "anyone" | "service";
  /** Whether the entry needs the durable client of its invocation. */
  readonly startsWorkflows?: true;
  readonly handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
}

const statusThatIsLogged = 500;
/** Errors of adapters carry their cause; the cause of a vendor's cause says nothing more. */
const causesMax = 3;

/** Stacks only: errors of SDKs also hold requests, and requests hold secrets. */
export const causesOf = (error: unknown): string => {
  const stacks: string[] = [];
  for (let current = error; current instanceof Error && stacks.length < causesMax; current = current.cause) {
    stacks.push(current.stack ?? current.message);
  }
  return stacks.join("\ncaused by ");
};

/** Turns failures into problem documents and keeps their cause in the log, beside the request's id. */
export const withErrorBoundary =
  ({ name, handler }: HttpFunction): HttpFunction["handler"] =>
  async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      const requestId = request.headers.get("x-request-id")?.slice(0, 100);
      const answer = toProblem(error, requestId);
      if ((answer.status ?? statusThatIsLogged) >= statusThatIsLogged) {
        context.error(name, requestId ?? "-", causesOf(error));
      }
      return answer;
    }
  };

/** A JSON answer that no cache keeps. */
export const json = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});
