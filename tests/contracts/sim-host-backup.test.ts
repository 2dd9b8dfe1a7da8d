import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sqliteStore } from "../../sim-host/store/sqlite-store.ts";
import { aHost, aStanding, aTopology } from "../support/sim-host.ts";
import { makeRelease } from "../support/sim-host-release.ts";

const acme = aStanding("acme");
const clock = (): Date => new Date();

/** A host that keeps something, and is open meanwhile: what was written last is in the log beside the database. */
const openHost = () => {
  const place = mkdtempSync(join(tmpdir(), "kombify-backup-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const data = join(place, "data");
  mkdirSync(join(data, "saves/save-a"), { recursive: true });
  writeFileSync(join(data, "saves/save-a/web.tar"), "files of web");
  writeFileSync(join(data, "host-id"), "0123456789ab");
  const store = sqliteStore({ file: join(data, "simulations.sqlite"), allocate: () => [], clock });
  onTestFinished(() => store.close());
  const backup = join(makeRelease(place, "1.0.0"), "install/backup.sh");
  const run = (file: string, directory = data) =>
    spawnSync(backup, [file], {
      encoding: "utf8",
      timeout: 15_000,
      env: { PATH: process.env["PATH"], SIM_DATA_DIRECTORY: directory },
    });
  return { place, data, run, services: aHost({ store }).services };
};

test("a backup of a host that runs has its records, its files and its name", async () => {
  const { place, data, run, services } = openHost();
  const { simulation } = await services.create(acme, JSON.stringify(aTopology(["a"])), { start: false });
  const file = join(place, "backup.tar");
  expect(run(file)).toMatchObject({ status: 0, stderr: "", stdout: "" });

  const restored = join(place, "restored");
  mkdirSync(restored);
  execFileSync("tar", ["-xf", file, "-C", restored]);
  expect(readdirSync(restored).sort()).toEqual(["host-id", "saves", "simulations.sqlite"]);
  expect(readFileSync(join(restored, "saves/save-a/web.tar"), "utf8")).toBe("files of web");
  const store = sqliteStore({ file: join(restored, "simulations.sqlite"), allocate: () => [], clock });
  onTestFinished(() => store.close());
  expect(aHost({ store }).services.get(acme, simulation.id)).toEqual(services.get(acme, simulation.id));
  // Nothing of it is left with the host.
  expect(readdirSync(data).filter((name) => name.startsWith(".backup"))).toEqual([]);
});

test("a backup is made while runs write captures and saves are uploaded, and has what was written", async () => {
  const { place, data, run } = openHost();
  const capture = join(data, "captures/run-a/front-web.pcap");
  mkdirSync(join(data, "captures/run-a"), { recursive: true });
  // Reading it takes a while.
  const begun = Buffer.alloc(20_000_000, "frame ");
  writeFileSync(capture, begun);
  writeFileSync(join(data, "saves/save-b.part"), "half of a save");
  const writer = spawn("sh", ["-c", 'while :; do printf frame >> "$0"; done', capture]);
  onTestFinished(() => void writer.kill("SIGKILL"));
  await expect.poll(() => statSync(capture).size).toBeGreaterThan(begun.length);

  for (const name of ["first", "second", "third"]) {
    const file = join(place, `${name}.tar`);
    expect(run(file), name).toMatchObject({ status: 0, stderr: "" });
    const restored = join(place, name);
    mkdirSync(restored);
    execFileSync("tar", ["-xf", file, "-C", restored]);
    const written = readFileSync(join(restored, "captures/run-a/front-web.pcap"));
    expect(written.subarray(0, begun.length).equals(begun), name).toBe(true);
    expect(readdirSync(join(restored, "saves")), name).toEqual(["save-a"]);
  }
});

test("a backup that cannot be made leaves no half of one", () => {
  const { place, run } = openHost();
  const none = join(place, "none");
  mkdirSync(none);
  expect(run(join(place, "backup.tar"), none)).toMatchObject({
    status: 1,
    stderr: `There is no database in ${none}.\n`,
  });
  expect(run(join(place, "absent/backup.tar")).status).not.toBe(0);
  expect(existsSync(join(place, "backup.tar"))).toBe(false);
});
