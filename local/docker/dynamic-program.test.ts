import { describe, expect, it } from "vitest";
import { librariesIn } from "./dynamic-program.ts";

describe("what ldd prints", () => {
  it("names libraries and the dynamic linker by their paths, and the kernel's own by none", () => {
    const output = [
      "\tlinux-vdso.so.1 (0x00007f43445c9000)",
      "\tlibcap.so.2 => /lib/x86_64-linux-gnu/libcap.so.2 (0x00007f4344594000)",
      "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f4344381000)",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f43445cb000)",
      "",
    ].join("\n");
    expect(librariesIn(output)).toEqual([
      "/lib/x86_64-linux-gnu/libcap.so.2",
      "/lib/x86_64-linux-gnu/libc.so.6",
      "/lib64/ld-linux-x86-64.so.2",
    ]);
  });

  it("has no libraries for a static program", () => {
    expect(librariesIn("\tnot a dynamic executable\n")).toEqual([]);
  });
});
