import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { findPocketBase } from "../pocketbase/find-pocketbase.ts";
import { firedFaults } from "./test-faults.ts";
import { useFleet } from "./test-fleet.ts";
import { acceptedToken } from "./test-manager.ts";

const { path } = await findPocketBase({ onProgress: (line) => console.error(line) });
const fleet = useFleet(path);
const guide = readFileSync(join(import.meta.dirname, "../../docs/local-platform.md"), "utf8");

it("answers the documented commands as documented", async () => {
  const script = /```sh\n(manager=.*?)```/s.exec(guide)?.[1] ?? "";
  const directory = mkdtempSync(join(tmpdir(), "fault-docs-"));
  try {
    mkdirSync(join(directory, ".kombify/data"), { recursive: true });
    writeFileSync(join(directory, ".kombify/data/keys.json"), JSON.stringify({ resourceManager: acceptedToken }));
    const commands = script.replace("http://127.0.0.1:8082", fleet.manager().url);
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", commands], { cwd: directory });
    expect(stdout.match(/"kind":"(quota-exceeded|throttled)"/g)).toHaveLength(4);
    expect(await firedFaults(fleet.manager().url)).toEqual([]);
    const [example = ""] = /\[\{ "forSeconds".*\}\]/.exec(guide) ?? [];
    const headers = { authorization: `Bearer ${acceptedToken}` };
    const put = await fetch(`${fleet.manager().url}/dev/faults`, { method: "PUT", headers, body: example });
    expect(put.status).toBe(200);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

it("documents every fault", () => {
  const documented = [...guide.matchAll(/^\| `([a-z-]+)` +\| [^|]*\| [^|]*\|$/gm)].map(([, kind]) => kind);
  const kinds = readFileSync(join(import.meta.dirname, "fault-rules.ts"), "utf8").matchAll(
    /kind: z.literal\("(.*?)"\)/g,
  );
  expect(documented).toEqual(expect.arrayContaining([...kinds].map(([, kind]) => kind)));
});
