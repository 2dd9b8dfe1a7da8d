import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installTools, type InstallOptions } from "./install-tools.ts";

let root = "";
let lines: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "install-tools-"));
  mkdirSync(join(root, "bin"));
  lines = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const options = (): InstallOptions => ({
  path: join(root, "bin"),
  onProgress: (line) => lines.push(line),
  policyFile: join(root, "policy-rc.d"),
  lockFile: join(root, "lock"),
});

/** An apt-get that notes how it was called and what the policy was, and then does `install`. */
const writeApt = (install: string, update = ""): void => {
  const script = `#!/bin/sh
cd ${root}
echo "$*" >> calls
case $1 in
update) ${update} :;;
install) [ -x policy-rc.d ] && echo policy >> calls; ${install};;
esac
`;
  writeFileSync(join(root, "bin/apt-get"), script, { mode: 0o755 });
};

const calls = (): readonly string[] => readFileSync(join(root, "calls"), "utf8").trimEnd().split("\n");
const makeTool = (name: string): string => `echo '#!/bin/sh' > bin/${name}; /bin/chmod 755 bin/${name}`;

describe("the installation of tools", () => {
  it("takes the packages of what is missing from apt, while no service may be started", async () => {
    writeApt(`${makeTool("tc")}; ${makeTool("ip")}`);
    writeFileSync(join(root, "bin/runc"), "", { mode: 0o755 });
    await installTools(["runc", "ip", "tc"], options());
    expect(calls()).toEqual([
      expect.stringMatching(/^update /),
      expect.stringMatching(/^install --yes --no-install-recommends iproute2 -q /),
      "policy",
    ]);
    expect(lines).toEqual(["Docker: installing iproute2 from Debian"]);
    expect(readdirSync(root).sort()).toEqual(["bin", "calls", "lock"]);
  });

  it("asks apt once for several at once", async () => {
    writeApt(makeTool("runc"));
    await Promise.all(Array.from({ length: 4 }, () => installTools(["runc"], options())));
    expect(calls().filter((call) => call.startsWith("install"))).toHaveLength(1);
  });

  it("does with the lists that are there when there are no newer ones, and says so", async () => {
    writeApt(makeTool("runc"), "echo no route >&2; exit 100;");
    await installTools(["runc"], options());
    expect(lines).toEqual(["Docker: installing runc from Debian", "Docker: apt-get update: no route"]);
  });

  it("fails with apt's reason, and puts the policy back", async () => {
    writeApt("echo E: no such package >&2; exit 100");
    await expect(installTools(["runc"], options())).rejects.toThrow("apt-get install: E: no such package");
    expect(readdirSync(root)).not.toContain("policy-rc.d");
  });

  it("does not believe apt, but looks", async () => {
    writeApt(":");
    await expect(installTools(["runc", "ip"], options())).rejects.toThrow("runc, ip are missing still");
  });
});
