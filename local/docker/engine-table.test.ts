import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readProcessTable, socketOf } from "./engine-table.ts";

const engine = (...words: string[]) => ({ pid: 1, parent: 0, network: "", words: ["dockerd", ...words] });

describe("the process table", () => {
  it("shows this process with its parent", () => {
    const own = readProcessTable().find(({ pid }) => pid === process.pid);
    expect(own?.parent).toBe(process.ppid);
    expect(own?.network).toMatch(/^net:\[\d+\]$/);
  });
});

describe("where an engine listens", () => {
  it("is read from each way of saying it", () => {
    for (const words of [
      ["-H", "unix:///a.sock"],
      ["-Hunix:///a.sock"],
      ["--host=unix:///a.sock"],
      ["--host", "unix:///a.sock"],
    ]) {
      expect(socketOf(engine("--debug", ...words))).toBe("unix:///a.sock");
    }
  });

  it("is the socket, where it listens at an address as well", () => {
    expect(socketOf(engine("-H", "tcp://127.0.0.1:2375", "-H", "unix:///a.sock"))).toBe("unix:///a.sock");
  });

  it("is read from the file that it is configured with", () => {
    const directory = mkdtempSync(join(tmpdir(), "engine-table-"));
    const configFile = join(directory, "daemon.json");
    writeFileSync(configFile, '{"hosts":["unix:///a.sock"]}');
    expect(socketOf(engine(`--config-file=${configFile}`))).toBe("unix:///a.sock");
    rmSync(directory, { recursive: true });
    expect(socketOf(engine(`--config-file=${configFile}`))).toBeUndefined();
  });

  it("is not known when systemd says it", () => {
    expect(socketOf(engine("-H", "fd://"))).toBeUndefined();
  });
});
