import type { HttpResponseInit } from "@azure/functions";
import { problemOf } from "../../shared/gateway/problem.ts";

/** A failure as an answer of the Functions app: `shared/gateway/problem.ts` says what is in it. */
export const toProblem = (error: unknown, requestId?: string): HttpResponseInit => problemOf(error, requestId);
