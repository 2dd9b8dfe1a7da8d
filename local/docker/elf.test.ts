import { describe, expect, it } from "vitest";
import { isStaticProgram } from "./elf.ts";
import { elfProgram } from "./fixtures/elf-program.ts";

describe("a static program", () => {
  it("is one that names no dynamic linker", () => {
    expect(isStaticProgram(elfProgram([1, 1, 4]))).toBe(true);
    expect(isStaticProgram(elfProgram([6, 3, 1]))).toBe(false);
  });

  it("is nothing that is no ELF program of 64 bits, or is cut off", () => {
    expect(isStaticProgram(Buffer.from("#!/bin/sh\n".repeat(20)))).toBe(false);
    expect(isStaticProgram(Buffer.alloc(0))).toBe(false);
    const narrow = elfProgram([1]);
    narrow[4] = 1;
    expect(isStaticProgram(narrow)).toBe(false);
    expect(isStaticProgram(elfProgram([1, 1]).subarray(0, 100))).toBe(false);
  });

  it("is not this Node, which runs on libraries", async () => {
    const { readFile } = await import("node:fs/promises");
    expect(isStaticProgram(await readFile(process.execPath))).toBe(false);
  });
});
