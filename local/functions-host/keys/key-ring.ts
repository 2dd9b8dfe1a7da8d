import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { KeySet } from "./key-file.ts";

/** What the holder of a key may call. */
export type Grant =
  | { readonly level: "admin" }
  | { readonly level: "system"; readonly keyName: string }
  /** Without a name: every function. */
  | { readonly level: "function"; readonly functionName?: string };

interface Entry {
  readonly digest: Buffer;
  readonly grant: Grant;
}

// Digests have one length, so that comparing them tells nothing about the length of a key.
const digestOf = (key: string): Buffer => hash("sha256", key, "buffer");

/** The key of a request: header `x-functions-key`; only when that is absent, the query's `code`. */
export const presentedKey = (headers: IncomingHttpHeaders, search: string): string | undefined => {
  const header = headers["x-functions-key"];
  if (header !== undefined) return typeof header === "string" ? header : header[0];
  if (!search.includes("code=")) return undefined;
  return new URLSearchParams(search).get("code") ?? undefined;
};

/** The host's keys, ready for comparing in constant time. */
export class KeyRing {
  readonly #entries: readonly Entry[];

  constructor(keys: KeySet) {
    const entry = (key: string, grant: Grant): Entry => ({ digest: digestOf(key), grant });
    this.#entries = [
      ...Object.entries(keys.keysOfFunctions).flatMap(([functionName, own]) =>
        Object.values(own).map((key) => entry(key, { level: "function", functionName })),
      ),
      ...Object.values(keys.functionKeys).map((key) => entry(key, { level: "function" })),
      ...Object.entries(keys.systemKeys).map(([keyName, key]) => entry(key, { level: "system", keyName })),
      entry(keys.master, { level: "admin" }),
    ];
  }

  /** Everything the key is good for; nothing for a wrong key. Every stored key is compared, whatever was found. */
  grantsOf(key: string | undefined): readonly Grant[] {
    if (key === undefined || key === "") return [];
    const digest = digestOf(key);
    return this.#entries.filter((entry) => timingSafeEqual(entry.digest, digest)).map((entry) => entry.grant);
  }
}
