import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isRequestId } from "./handle-request.ts";
import { isEmptyError, problemOfStatus } from "./problem.ts";

const file = new URL("../../kong/plugins/kombify-problem/problem.cases.json", import.meta.url);
const { requestIds, emptyErrors } = z
  .object({
    requestIds: z.array(z.tuple([z.string(), z.boolean()])),
    emptyErrors: z.array(z.tuple([z.number(), z.string().nullable(), z.string().nullable(), z.boolean()])),
  })
  .parse(JSON.parse(await readFile(file, "utf8")));

describe("what is shared with Kong's plugin", () => {
  it.each(requestIds)("request id %j: %s", (id, wanted) => {
    expect(isRequestId(id)).toBe(wanted);
  });

  it.each(emptyErrors)(
    "status %i, type %j, length %j is an error without a word: %s",
    (status, type, length, wanted) => {
      expect(isEmptyError(status, type ?? undefined, length ?? undefined)).toBe(wanted);
    },
  );

  it.each([
    [401, "unauthenticated"],
    [404, "not-found"],
    [405, "invalid-request"],
    [500, "internal"],
    [503, "upstream-unavailable"],
  ])("status %i keeps its number under the code %s", (status, code) => {
    expect(problemOfStatus(status)).toMatchObject({ status, code });
  });
});
