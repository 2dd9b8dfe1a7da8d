import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { baseNames } from "../../stack/namespace.ts";

const hooks = new URL("../../../infra/stack-instance/pb_hooks/", import.meta.url);

describe("the hooks of a Stack instance", () => {
  it("guard the same collections as we make", () => {
    const list = /const bases = (\[[^\]]*\]);/u.exec(readFileSync(new URL("tenancy.js", hooks), "utf8"))?.[1];
    expect(JSON.parse(list ?? "[]")).toEqual([...baseNames]);
  });
});
