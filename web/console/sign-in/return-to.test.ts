import { expect, it } from "vitest";
import { rememberReturn, takeReturn } from "./return-to.ts";

const memory = (): Storage => {
  const values = new Map<string, string>();
  return {
    ...{ length: 0, clear: () => values.clear(), key: () => null },
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
};

it.each(["/kits/gitea?version=1.0.0", "/simulations", "/simulations/s3f?node=a"])("gives %s once", (path) => {
  const storage = memory();
  rememberReturn(storage, path);
  expect([takeReturn(storage), takeReturn(storage)]).toEqual([path, undefined]);
});

it.each([
  "//evil.test",
  "/kits//evil.test",
  "https://evil.test/kits",
  "/kitsch",
  "/simulationsXYZ",
  "/admin",
  "/kits/\\evil",
  "javascript:1",
])("leads nobody to %s", (path) => {
  const storage = memory();
  rememberReturn(storage, path);
  expect(takeReturn(storage)).toBeUndefined();
});
