import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLuaJit } from "./gateway-luajit.ts";

const repository = resolve(import.meta.dirname, "../..");
const luaJit = await findLuaJit();
const reason = "missing" in luaJit ? luaJit.missing : undefined;
if (reason !== undefined) process.stderr.write(`Lua plugins not tested, there is no LuaJIT here: ${reason}\n`);

const luaString = (text: string): string =>
  `"${[...Buffer.from(text, "utf8")].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;

const luaLiteral = (value: unknown): string => {
  if (value === null) return "null";
  if (typeof value === "string") return luaString(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(",")}}`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, member]) => `[${luaString(key)}]=${luaLiteral(member)}`)
      .join(",")}}`;
  }
  throw new Error(`JSON has no ${typeof value}`);
};

describe.skipIf(reason !== undefined)("the Kong plugins under LuaJIT", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kombify-lua-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const run = (args: readonly string[]) => {
    if ("missing" in luaJit) throw new Error(luaJit.missing);
    return luaJit.run(args, join(repository, "?.lua"));
  };
  const casesAsLua = async (path: string, name: string): Promise<string> => {
    const cases: unknown = JSON.parse(await readFile(join(repository, path), "utf8"));
    const file = join(folder, name);
    await writeFile(file, `return ${luaLiteral(cases)}\n`);
    return file;
  };

  it("answers every shared case as the local gateway does", async () => {
    const claims = await casesAsLua("kong/plugins/kombify-auth/claims.cases.json", "claims.lua");
    const paths = await casesAsLua("kong/plugins/kombify-stack/paths.cases.json", "paths.lua");
    const pages = await casesAsLua("kong/plugins/kombify-stack/pages.cases.json", "pages.lua");
    const problems = await casesAsLua("kong/plugins/kombify-problem/problem.cases.json", "problems.lua");
    const { exitCode, output } = await run([
      join(repository, "kong/spec/run-cases.lua"),
      ...[claims, paths, pages, problems],
    ]);
    expect(output).toMatch(/^\d{3} checked, 0 failed\n$/);
    expect(exitCode).toBe(0);
  });

  it("compiles every Lua file", async () => {
    const files = globSync("kong/**/*.lua", { cwd: repository });
    expect(files.length).toBeGreaterThanOrEqual(11);
    for (const file of files) {
      const { exitCode, output } = await run(["-bl", join(repository, file), join(folder, "listing")]);
      expect(`${file}: ${exitCode} ${output}`).toBe(`${file}: 0 `);
    }
  });
});
