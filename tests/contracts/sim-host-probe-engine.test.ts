import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

// The script by which the installer decides whether users may be remapped, with a docker of ours.
const probe = (docker: string, kept: readonly string[] | undefined) => {
  const place = mkdtempSync(join(tmpdir(), "kombify-probe-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const programs = join(place, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "docker"), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const engine = join(place, "docker");
  if (kept !== undefined) mkdirSync(join(engine, "containers"), { recursive: true });
  for (const id of kept ?? []) mkdirSync(join(engine, "containers", id));
  return spawnSync(join("infra/sim-host", "probe-engine.sh"), [engine], {
    encoding: "utf8",
    timeout: 15_000,
    env: { PATH: `${programs}:${process.env["PATH"] ?? ""}` },
  });
};
const silentEngine = "echo 'Cannot connect to the Docker daemon' >&2; exit 1";

test.each([
  ["it answers that it has nothing", "exit 0", []],
  ["it does not answer, and was never started", silentEngine, undefined],
  ["it does not answer, and has nothing", silentEngine, []],
  ["there is none", "exit 127", undefined],
])("users may be remapped where an engine hides nothing by it: %s", (_, docker, kept) => {
  expect(probe(docker, kept)).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test("an engine that has containers is left as it is, and so is one that may have some", () => {
  const full = probe("echo 0123456789ab", ["0123456789ab"]);
  expect(full).toMatchObject({ status: 1, stderr: "The engine has containers already. Remove them.\n" });
  const silent = probe(silentEngine, ["0123456789ab"]);
  expect(silent.status).toBe(1);
  expect(silent.stderr).toMatch(
    /^The engine does not answer, .+ Start it \(systemctl start docker\), and run this again\.\n$/,
  );
});
