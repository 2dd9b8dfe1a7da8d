import { describe, expect, it } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import { dockerFailure, statusBehind, wordsBehind } from "./docker-failure.ts";

const answered = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });
const coded = (code: string) => Object.assign(new Error(code), { code });

describe("failures of the engine", () => {
  it.each([
    [404, "No such container: abc", "not-found"],
    [
      404,
      "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
      "unavailable",
    ],
    [403, "Pool overlaps with other one on this address space", "conflict"],
    [403, "network ks1 has active endpoints", "conflict"],
    [403, "network ks1 has 2 active endpoints (a, b)", "conflict"],
    [403, "Address already in use", "conflict"],
    [409, "Conflict. The container name is already in use", "conflict"],
    [400, "bad parameter", "invalid-input"],
    [500, "adding interface to bridge failed: exchange full", "unavailable"],
    [500, "something in the engine", "unavailable"],
    [418, "teapot", "unavailable"],
  ])("%i %s is %s, and keeps the engine's words for the log", (status, words, code) => {
    const failure = dockerFailure("make a network", answered(status, words));
    expect(failure).toBeInstanceOf(DomainError);
    expect(failure.code).toBe(code);
    expect(failure.message).not.toContain(words);
    expect(statusBehind(failure)).toBe(status);
    expect(wordsBehind(failure)).toBe(words);
  });

  it.each([["ECONNREFUSED"], ["ENOENT"], ["ECONNRESET"], ["EPIPE"], ["EACCES"]])("%s: it cannot be reached", (code) => {
    const failure = dockerFailure("make a network", coded(code));
    expect(failure).toMatchObject({ code: "unavailable", message: "The engine cannot be reached." });
    expect(statusBehind(failure)).toBeUndefined();
    expect(wordsBehind(failure)).toBe("");
  });

  it("says what was not done in time", () => {
    const failure = dockerFailure("make a network", new DOMException("over", "TimeoutError"));
    expect(failure).toMatchObject({
      code: "unavailable",
      message: "The engine did not answer in time to make a network.",
    });
  });

  it("leaves failures alone that say enough already", () => {
    const said = new DomainError("invalid-input", "No id.");
    expect(dockerFailure("make a network", said)).toBe(said);
  });
});
