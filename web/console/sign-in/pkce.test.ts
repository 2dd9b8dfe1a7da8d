import { describe, expect, it } from "vitest";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { challengeOf, newSecret } from "./pkce.ts";

describe("challengeOf", () => {
  it("makes RFC 7636 appendix B's challenge", async () => {
    expect(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });
});

describe("newSecret", () => {
  it("is 256 bits from the given source, as 43 characters a verifier may hold", () => {
    let asked = 0;
    const secret = newSecret((bytes) => {
      asked = bytes.length;
      bytes.fill(0xfb);
    });
    expect(asked).toBe(32);
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(secret, "base64url")).toEqual(Buffer.alloc(32, 0xfb));
  });
});

describe("base64url", () => {
  it("reads UTF-8 and refuses other bytes", () => {
    expect(fromBase64url(Buffer.from("Jürgen – 日本").toString("base64url"))).toBe("Jürgen – 日本");
    expect(() => fromBase64url(toBase64url(Uint8Array.of(0xff, 0xfe)))).toThrow();
    expect(() => fromBase64url("a$b")).toThrow();
  });
});
