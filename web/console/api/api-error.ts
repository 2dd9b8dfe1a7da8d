import { listOf, optional, shape, text } from "../../page/shape.ts";

const readProblem = shape({
  code: optional(text),
  detail: optional(text),
  title: optional(text),
  requestId: optional(text),
  errors: optional(listOf(shape({ pointer: text, detail: text }))),
});

interface Facts {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** What is wrong with which member of the body, by its name. */
  readonly fieldErrors?: Readonly<Record<string, string>>;
}

/** A call that failed. `message` is a sentence for the person in front of the page. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly facts: Facts;
  constructor(message: string, facts: Facts, options?: ErrorOptions) {
    super(message, options);
    this.facts = facts;
  }
}

const fallback = (status: number): string => {
  if (status === 401) return "Your sign-in is no longer valid. Please sign in again.";
  if (status === 429) return "Too many requests. Please wait a moment.";
  return status >= 500 ? "kombify does not answer properly at the moment." : "This did not work.";
};

const secondsOf = (header: string | null): number | undefined =>
  header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;

const fieldErrorsOf = (errors: readonly { readonly pointer: string; readonly detail: string }[]) =>
  Object.fromEntries(errors.map(({ pointer, detail }) => [pointer.replace(/^\//, ""), detail]));

const problemOf = (body: unknown): Partial<ReturnType<typeof readProblem>> => {
  try {
    return readProblem(body);
  } catch {
    // Servers on the way answer in forms of their own; the status says enough.
    return {};
  }
};

/** The failure behind an answer: an RFC 9457 problem document, or whatever a server on the way has sent instead. */
export const apiErrorOf = (status: number, headers: Headers, body: unknown): ApiError => {
  const problem = problemOf(body);
  return new ApiError(problem.detail ?? fallback(status), {
    status,
    code: problem.code ?? "unknown",
    requestId: problem.requestId ?? headers.get("x-request-id") ?? undefined,
    retryAfterSeconds: secondsOf(headers.get("retry-after")),
    fieldErrors: fieldErrorsOf(problem.errors ?? []),
  });
};

/** Everything a page can run into, as an `ApiError`. */
export const toApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error;
  return new ApiError(
    "Something unexpected happened on this page. Please reload it.",
    { status: 0, code: "page" },
    {
      cause: error,
    },
  );
};
