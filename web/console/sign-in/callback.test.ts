import { describe, expect, it } from "vitest";
import { readCallback } from "./callback.ts";

const issuer = "https://id.kombify.test";
const pending = { state: "state-of-this-tab", nonce: "nonce", verifier: "verifier" };
const read = (query: string, remembered: typeof pending | undefined = pending) =>
  readCallback(new URLSearchParams(query), remembered, issuer);

describe("readCallback", () => {
  it("gives the code of the sign-in that this tab began", () => {
    expect(read("code=abc&state=state-of-this-tab")).toEqual({ kind: "code", code: "abc", pending });
    expect(read(`code=abc&state=state-of-this-tab&iss=${encodeURIComponent(issuer)}`).kind).toBe("code");
  });

  it.each([
    ["another state", "code=abc&state=evil"],
    ["no state", "code=abc"],
    ["an empty state", "code=abc&state="],
    ["two states", "code=abc&state=state-of-this-tab&state=state-of-this-tab"],
    ["no code", "state=state-of-this-tab"],
    ["an empty code", "code=&state=state-of-this-tab"],
    ["two codes", "code=abc&code=evil&state=state-of-this-tab"],
    ["another issuer", "code=abc&state=state-of-this-tab&iss=https://id.evil.test"],
    ["an error beside a code", "code=abc&error=server_error&state=state-of-this-tab"],
    ["nothing", ""],
  ])("refuses %s", (_, query) => {
    expect(read(query).kind).toBe("refused");
  });

  it("refuses an answer nobody waits for", () => {
    expect(readCallback(new URLSearchParams("code=abc&state=state-of-this-tab"), undefined, issuer).kind).toBe(
      "refused",
    );
    expect(readCallback(new URLSearchParams("code=abc"), undefined, issuer).kind).toBe("refused");
  });

  it("says in words why there is no sign-in, and never repeats what the address says", () => {
    expect(read("error=access_denied&state=state-of-this-tab")).toEqual({
      kind: "refused",
      reason: "You did not sign in.",
    });
    const spoof = read("error=Call+0800-EVIL&error_description=Call+0800-EVIL&state=state-of-this-tab");
    expect(JSON.stringify(spoof)).not.toContain("EVIL");
  });
});
