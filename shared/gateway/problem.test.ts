import { expect, test } from "vitest";
import { DomainError } from "../kernel/errors.ts";
import type { Problem } from "./problem.ts";
import { problemOf } from "./problem.ts";

const bodyOf = (answer: Problem): unknown => JSON.parse(answer.body);

test("a domain error becomes a problem document with its code, words and facts", () => {
  const answer = problemOf(new DomainError("slug-taken", "Taken.", { facts: { slug: "acme" } }), "request-1");
  expect(answer).toMatchObject({ status: 409, headers: { "content-type": "application/problem+json" } });
  expect(bodyOf(answer)).toEqual({
    type: "https://docs.kombify.io/problems/slug-taken",
    title: "Conflict",
    status: 409,
    code: "slug-taken",
    detail: "Taken.",
    slug: "acme",
    requestId: "request-1",
  });
});

test("a fact cannot take the place of a standard member", () => {
  const answer = problemOf(new DomainError("conflict", "Busy.", { facts: { status: "active", code: "x", type: "y" } }));
  const type = "https://docs.kombify.io/problems/conflict";
  expect(bodyOf(answer)).toEqual({ type, title: "Conflict", status: 409, code: "conflict", detail: "Busy." });
});

test("an unexpected error says nothing of itself", () => {
  const answer = problemOf(new Error("password=hunter2"));
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain("hunter2");
});

test("what is unavailable says when to come back", () => {
  expect(problemOf(new DomainError("stack-unavailable", "Down."))).toMatchObject({
    status: 503,
    headers: { "retry-after": "5" },
  });
});
