import { describe, expect, it } from "vitest";
import type { SecretStore } from "../secrets/secret-store.ts";
import { relativeTime } from "./relative-time.ts";
import { makeSealer } from "./sealer.ts";
import { makeSessions } from "./sessions.ts";

const memorySecrets = (): Pick<SecretStore, "read" | "createIfAbsent"> & { readonly all: Map<string, string> } => {
  const all = new Map<string, string>();
  return {
    all,
    read: (name) => Promise.resolve(all.get(name)),
    createIfAbsent: (name, value) => {
      if (!all.has(name)) all.set(name, value);
      return Promise.resolve(all.get(name) ?? value);
    },
  };
};

const setUp = (secrets = memorySecrets()) => {
  let now = new Date("2026-01-31T23:59:30Z");
  const sealer = makeSealer({ secrets, clock: () => now });
  return { sealer, secrets, at: (iso: string) => (now = new Date(iso)) };
};

describe("makeSealer", () => {
  it("opens what it sealed, for the same purpose only", async () => {
    const { sealer } = setUp();
    const sealed = await sealer.seal("one", { fact: "secret words" }, 60);
    expect(sealed).not.toContain("secret");
    expect(await sealer.open("one", sealed)).toMatchObject({ fact: "secret words" });
    expect(await sealer.open("other", sealed)).toBeUndefined();
  });

  it("opens nothing that is over, changed, of another store or no seal at all", async () => {
    const { sealer, at } = setUp();
    const sealed = await sealer.seal("one", {}, 60);
    const [head = "", ...rest] = sealed.split(".");
    const changed = `${sealed.slice(0, -2)}${sealed.endsWith("AA") ? "BB" : "AA"}`;
    const forgedHead = Buffer.from('{"alg":"none","enc":"A256GCM","kid":"2026-01"}').toString("base64url");
    for (const text of [changed, [forgedHead, ...rest].join("."), head, "", "a.b.c.d.e", "__proto__"]) {
      expect(await sealer.open("one", text), text).toBeUndefined();
    }
    expect(await setUp().sealer.open("one", sealed)).toBeUndefined();
    at("2026-02-01T00:00:31Z");
    expect(await sealer.open("one", sealed)).toBeUndefined();
  });

  it("changes its key every month, opens with the one before, and forgets older ones", async () => {
    const { sealer, secrets, at } = setUp();
    const january = await sealer.seal("one", { of: "january" }, 90 * 24 * 3600);
    at("2026-02-01T00:00:10Z");
    await sealer.seal("one", {}, 60);
    expect([...secrets.all.keys()]).toEqual(["dashboard-session-key-2026-01", "dashboard-session-key-2026-02"]);
    expect(await sealer.open("one", january)).toMatchObject({ of: "january" });
    at("2026-03-01T00:00:00Z");
    expect(await sealer.open("one", january)).toBeUndefined();
  });

  it("agrees with other workers on the key, whoever made it", async () => {
    const secrets = memorySecrets();
    const sealed = await setUp(secrets).sealer.seal("one", { a: 1 }, 60);
    expect(await setUp(secrets).sealer.open("one", sealed)).toMatchObject({ a: 1 });
  });
});

describe("makeSessions", () => {
  it("refuses a session that no cookie holds", async () => {
    const sessions = makeSessions(setUp().sealer);
    const formToken = "x".repeat(43);
    await expect(sessions.seal({ accessToken: "a".repeat(4000), formToken }, 60)).rejects.toMatchObject({
      code: "too-large",
    });
    const sealed = await sessions.seal({ accessToken: "a".repeat(1500), formToken }, 60);
    expect(await sessions.open(sealed)).toEqual({ accessToken: "a".repeat(1500), formToken });
    expect(await sessions.openPending(sealed)).toBeUndefined();
  });
});

it.each([
  [0, "0 s ago"],
  [119, "119 s ago"],
  [120, "2 min ago"],
  [7200, "2 h ago"],
  [172_800, "2 d ago"],
  [-90, "in 90 s"],
])("tells %d seconds as %s", (seconds, words) => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(relativeTime(new Date(now - seconds * 1000).toISOString(), now)).toBe(words);
});
