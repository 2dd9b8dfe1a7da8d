import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { elfProgram } from "./fixtures/elf-program.ts";
import { engineTools, findMissingTools, packagesOf, simulationTools, toolPath } from "./tools.ts";

let root = "";
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "tools-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, content: string | Buffer, mode = 0o755): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
};

const path = (): string => `${join(root, "sbin")}:${join(root, "bin")}:${join(root, "none")}`;

describe("tools", () => {
  it("are found in any directory of the path, if they can be run", async () => {
    write("sbin/dockerd", "#!/bin/sh\n");
    write("bin/tc", "#!/bin/sh\n");
    write("bin/ip", "#!/bin/sh\n", 0o644);
    expect(await findMissingTools(["dockerd", "tc", "ip", "runc"], path())).toEqual(["ip", "runc"]);
  });

  it("have a busybox only if it is a static one, wherever that is", async () => {
    write("sbin/busybox", elfProgram([3]));
    expect(await findMissingTools(["busybox"], path())).toEqual(["busybox"]);
    write("bin/busybox", elfProgram([1]));
    expect(await findMissingTools(["busybox"], path())).toEqual([]);
  });

  it("come from these packages of Debian", () => {
    expect(packagesOf([...engineTools, ...simulationTools])).toEqual([
      "docker.io",
      "containerd",
      "runc",
      "util-linux",
      "iptables",
      "iproute2",
      "tcpdump",
      "busybox-static",
      "iputils-ping",
    ]);
  });
});

describe("the path of tools", () => {
  it("has root's directories after one's own, each once", () => {
    expect(toolPath("/my/bin:/usr/bin:")).toBe("/my/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/sbin:/bin");
    expect(toolPath(undefined)).toBe("/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin");
  });
});
