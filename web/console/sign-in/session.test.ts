import { describe, expect, it } from "vitest";
import { tabMemory } from "./session.ts";

/** A `Storage` as browsers have it for a tab; Node has none without a file. */
const tabStorage = (): Storage => {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null,
    key: (index) => [...items.keys()][index] ?? null,
    removeItem: (key) => void items.delete(key),
    setItem: (key, value) => void items.set(key, value),
  };
};

const now = new Date("2026-01-01T00:00:00Z");
const nowEpochSeconds = now.getTime() / 1000;
const person = { name: "Ada", email: "ada@acme.test", organisation: "Acme", isAdministrator: true, isOperator: false };
const session = { accessToken: "t", expiresAtEpochSeconds: nowEpochSeconds + 1, person };
const pending = { state: "s", nonce: "n", verifier: "v" };

describe("tabMemory", () => {
  it("keeps the session through a reload, until it ends", () => {
    const storage = tabStorage();
    tabMemory(storage, () => now).keepSession(session);
    expect(tabMemory(storage, () => now).session()).toEqual(session);
    expect(tabMemory(storage, () => new Date(now.getTime() + 1000)).session()).toBeUndefined();
  });

  it("gives a sign-in under way once", () => {
    const memory = tabMemory(tabStorage(), () => now);
    memory.keepPending(pending);
    expect(memory.takePending()).toEqual(pending);
    expect(memory.takePending()).toBeUndefined();
  });

  it("forgets everything", () => {
    const storage = tabStorage();
    const memory = tabMemory(storage, () => now);
    memory.keepSession(session);
    memory.keepPending(pending);
    memory.forget();
    expect(storage.length).toBe(0);
  });

  it.each(["{", "null", "{}", '{"accessToken":1}'])("takes %j for no session", (text) => {
    const storage = tabStorage();
    storage.setItem("kombify.session", text);
    expect(tabMemory(storage, () => now).session()).toBeUndefined();
  });
});
