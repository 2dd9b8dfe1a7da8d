import { execFileSync, spawnSync } from "node:child_process";
import type { SpawnSyncReturns } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeRelease } from "../support/sim-host-release.ts";

// Runs the scripts of a release below a directory (DESTDIR): nothing of this machine is touched.
const makePlace = (): string => {
  const place = mkdtempSync(join(tmpdir(), "kombify-install-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  return place;
};

const install = (release: string, root: string, ...options: string[]): SpawnSyncReturns<string> =>
  spawnSync(join(release, "install/install.sh"), options, {
    encoding: "utf8",
    timeout: 15_000,
    env: { PATH: process.env["PATH"], DESTDIR: root },
  });

/** Every file and directory with its mode, time and content. */
const treeOf = (root: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (entry.isSymbolicLink()) return [path, `-> ${readlinkSync(path)}`];
      const { mode, mtimeMs } = statSync(path);
      const content = entry.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
      return [path, `${(mode & 0o7777).toString(8)} ${entry.isFile() ? mtimeMs : ""} ${content}`];
    }),
  );
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

const settings = "etc/kombify-sim-host";
const supply = (root: string): void => {
  for (const file of ["service-key", "gateway-key", "images.json"]) writeFileSync(join(root, settings, file), "[]\n");
  const file = join(root, settings, "settings.env");
  writeFileSync(file, readFileSync(file, "utf8").replace(/=<.*>$/gm, "=filled"));
};

describe("the installer", () => {
  it("makes everything once; a second time nothing changes", () => {
    const root = join(makePlace(), "root");
    const release = makeRelease(join(root, ".."), "1.0.0");
    const first = install(release, root);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toContain("done     release 1.0.0-");
    expect(first.stdout).toContain("missing  ");
    const tree = treeOf(root);
    const second = install(release, root);
    expect(second.stdout).not.toContain("done ");
    expect(treeOf(root)).toEqual(tree);
  });

  it("lets nobody else read settings and data, and everybody the program", () => {
    const root = join(makePlace(), "root");
    install(makeRelease(join(root, ".."), "1.0.0"), root);
    expect(modeOf(join(root, settings))).toBe("700");
    expect(modeOf(join(root, settings, "settings.env"))).toBe("600");
    expect(modeOf(join(root, "var/lib/kombify-sim-host"))).toBe("700");
    const program = join(root, "opt/kombify-sim-host/current");
    expect([modeOf(program), modeOf(join(program, "main.mjs"))]).toEqual(["755", "644"]);
    for (const directory of ["etc/systemd/system", "etc/docker", "etc/modules-load.d"]) {
      expect(modeOf(join(root, directory)), directory).toBe("755");
    }
  });

  it("with --check changes nothing, and says by its exit code whether something is missing", () => {
    const root = join(makePlace(), "root");
    const release = makeRelease(join(root, ".."), "1.0.0");
    mkdirSync(root);
    expect(install(release, root, "--check").status).toBe(1);
    expect(treeOf(root)).toEqual({});
    install(release, root);
    supply(root);
    expect(install(release, root, "--check")).toMatchObject({ status: 0, stderr: "" });
  });

  it("keeps settings, keys, data and another's daemon.json through an upgrade, and goes back", () => {
    const root = join(makePlace(), "root");
    mkdirSync(join(root, "etc/docker"), { recursive: true });
    writeFileSync(join(root, "etc/docker/daemon.json"), "{}\n");
    const [old, next] = ["1.0.0", "1.1.0"].map((version) => makeRelease(join(root, ".."), version)) as [string, string];
    install(old, root);
    supply(root);
    writeFileSync(join(root, "var/lib/kombify-sim-host/simulations.sqlite"), "rows");
    const kept = ["etc", "var"].map((part) => treeOf(join(root, part)));
    const current = join(root, "opt/kombify-sim-host/current");

    const upgrade = install(next, root);
    expect(upgrade.stdout).toContain("daemon.json differs");
    expect(execFileSync(join(current, "bin/node"), [join(current, "main.mjs")]).toString()).toBe("1.1.0\n");
    expect(["etc", "var"].map((part) => treeOf(join(root, part)))).toEqual(kept);

    const before = join(root, "opt/kombify-sim-host/releases");
    const [first = ""] = readdirSync(before).sort();
    expect(install(join(before, first), root).status).toBe(0);
    expect(execFileSync(join(current, "bin/node"), [join(current, "main.mjs")]).toString()).toBe("1.0.0\n");
  });

  it("keeps three releases, the one in use among them", () => {
    const root = join(makePlace(), "root");
    const versions = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"];
    for (const version of versions) install(makeRelease(join(root, ".."), version), root);
    const kept = readdirSync(join(root, "opt/kombify-sim-host/releases")).map((name) => name.replace(/-.*/, ""));
    expect(kept.sort()).toEqual(["1.2.0", "1.3.0", "1.4.0"]);
  });

  it("goes on where it was killed", () => {
    const root = join(makePlace(), "root");
    const release = makeRelease(join(root, ".."), "1.0.0");
    mkdirSync(join(root, "opt/kombify-sim-host/releases/.new"), { recursive: true });
    writeFileSync(join(root, "opt/kombify-sim-host/releases/.new/half"), "");
    symlinkSync("releases/nothing", join(root, "opt/kombify-sim-host/current.new"));
    expect(install(release, root)).toMatchObject({ status: 0, stderr: "" });
    const current = join(root, "opt/kombify-sim-host/current");
    expect(readdirSync(current).sort()).toEqual(["bin", "install", "main.mjs", "release.json"]);
  });

  it("names the settings that a release asks for and the machine does not have", () => {
    const root = join(makePlace(), "root");
    const release = makeRelease(join(root, ".."), "1.0.0");
    install(release, root);
    supply(root);
    const file = join(root, settings, "settings.env");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^SIM_CPUS=.*\n/m, ""));
    const { stdout, status } = install(release, root);
    expect(status).toBe(0);
    expect(stdout).toContain("settings.env: SIM_CPUS\n");
    expect(stdout).toContain("Supply what is missing");
  });

  it("refuses what is no release", () => {
    const place = makePlace();
    cpSync("infra/sim-host", join(place, "install"), { recursive: true });
    const refused = install(place, join(place, "root"));
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("There is no release around");
  });
});
