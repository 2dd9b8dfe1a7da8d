import { expect } from "vitest";
import { z } from "zod";
import type { Answer } from "./http-call.ts";
import { jsonOf } from "./http-call.ts";

const Problem = z.looseObject({
  type: z.url(),
  title: z.string().min(3),
  status: z.number(),
  code: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  detail: z.string().min(10),
});
export type Problem = z.infer<typeof Problem>;

/** What an answer must never show: stack traces, modules, errors of libraries, keys of the platform. */
const inside = /\bat \S+ \(|node_modules|\.(?:ts|cjs|mjs):\d+|\bError:|sqlite|ZodError|JWS|-----BEGIN/i;

/** An RFC 9457 problem document with this status and code, and nothing of the inside. Returns it for closer looks. */
export const expectProblem = (answer: Answer, status: number, code: string): Problem => {
  // Together, so that a failure shows what was answered instead.
  expect(`${answer.status} ${answer.text}`).toMatch(new RegExp(`^${status} .*"${code}"`, "s"));
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  const problem = Problem.parse(jsonOf(answer));
  expect(problem).toMatchObject({ status, code });
  expect(answer.text).not.toMatch(inside);
  return problem;
};
