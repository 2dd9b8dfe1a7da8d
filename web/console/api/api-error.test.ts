import { describe, expect, it } from "vitest";
import { apiErrorOf, toApiError } from "./api-error.ts";

describe("apiErrorOf", () => {
  it("reads a problem document with findings at fields", () => {
    const error = apiErrorOf(400, new Headers(), {
      code: "slug-invalid",
      detail: "A slug is lower-case: capitals are refused.",
      errors: [{ pointer: "/slug", detail: "A slug is lower-case: capitals are refused." }],
      requestId: "r-1",
    });
    expect(error.message).toBe("A slug is lower-case: capitals are refused.");
    expect(error.facts).toMatchObject({
      status: 400,
      code: "slug-invalid",
      requestId: "r-1",
      fieldErrors: { slug: "A slug is lower-case: capitals are refused." },
    });
  });

  it("reads the request id and the time to wait from headers", () => {
    const headers = new Headers({ "x-request-id": "r-2", "retry-after": "5" });
    expect(apiErrorOf(503, headers, undefined).facts).toMatchObject({ requestId: "r-2", retryAfterSeconds: 5 });
  });

  it.each([undefined, null, "oops", [], { detail: 7 }, { errors: "no" }])(
    "has a sentence of its own for the body %j",
    (body) => {
      const { message, facts } = apiErrorOf(502, new Headers({ "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), body);
      expect(message).toBe("kombify does not answer properly at the moment.");
      expect(facts).toMatchObject({ status: 502, code: "unknown", retryAfterSeconds: undefined, fieldErrors: {} });
    },
  );

  it("asks to sign in again after a 401 without words", () => {
    expect(apiErrorOf(401, new Headers(), undefined).message).toContain("sign in again");
  });
});

describe("toApiError", () => {
  it("keeps an ApiError and does not show the text of anything else", () => {
    const error = apiErrorOf(404, new Headers(), {});
    expect(toApiError(error)).toBe(error);
    expect(toApiError(new TypeError("x is not a function")).message).not.toContain("x is not");
  });
});
