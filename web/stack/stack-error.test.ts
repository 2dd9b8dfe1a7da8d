import { ClientResponseError } from "pocketbase";
import { describe, expect, it } from "vitest";
import { toStackFailure } from "./stack-error.ts";

const answer = (status: number, data: unknown = {}) => new ClientResponseError({ status, response: { status, data } });
const refused = (code: string, message = "Words.") => answer(403, { tenant: { code, message } });

describe("toStackFailure", () => {
  it("says what the plan allows when there are too many nodes", () => {
    const failure = toStackFailure(refused("node-limit-reached", "The plan allows 3 nodes."));
    expect(failure).toMatchObject({ kind: "refused" });
    expect(failure.message).toBe("The plan allows 3 nodes. Delete one you no longer need, or choose a larger plan.");
  });

  it("says what helps when the storage is full", () => {
    const failure = toStackFailure(refused("storage-limit-reached", "The plan allows 250 MB of storage."));
    expect(failure.message).toBe(
      "The plan allows 250 MB of storage. Delete what you no longer need, or choose a larger plan.",
    );
  });

  it.each([
    ["a login that has ended", answer(401, { tenant: { code: "login-ended", message: "Words." } }), "ended"],
    ["a suspended tenant", refused("tenant-suspended"), "suspended"],
    ["another tenant's session", refused("tenant-foreign"), "ended"],
    ["a session that is over", answer(401), "ended"],
    ["no connection", answer(0), "passing"],
    ["too many requests", answer(429), "passing"],
    ["a broken server", answer(502), "passing"],
    ["something gone", answer(404), "refused"],
    ["a fault of the page", new TypeError("oops"), "passing"],
  ])("tells %s", (_, error, kind) => {
    expect(toStackFailure(error).kind).toBe(kind);
  });

  it("puts findings at their fields", () => {
    const data = { name: { code: "validation_not_unique", message: "Value must be unique." }, odd: 7 };
    expect(toStackFailure(answer(400, data)).fieldErrors).toEqual({ name: "This is taken already." });
  });
});
