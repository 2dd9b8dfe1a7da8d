import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aHost, aStanding, aTopology } from "../../tests/support/sim-host.ts";
import { dataOf, tarRunner } from "../../tests/support/tar-engine.ts";
import type { Engine } from "../engine/ports.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { Database } from "../store/database.ts";
import { openDatabase } from "../store/database.ts";
import { sqliteStore } from "../store/sqlite-store.ts";
import type { Save } from "./ports.ts";
import { saveFiles } from "./save-files.ts";
import type { Saves } from "./saves.ts";
import { makeSaves } from "./saves.ts";
import { sqliteSaveStore } from "../store/save-store.ts";

let directory = "";
let host: ReturnType<typeof aHost>;
let database: Database;
let run: Engine["run"];
let saves: Saves;
let simulation: Simulation;
const acme = aStanding("acme");
const clock = (): Date => new Date("2026-01-01T00:00:00Z");

const reopen = (): Saves =>
  makeSaves({
    engine: { run: (...which) => run(...which) },
    store: sqliteSaveStore(database),
    files: saveFiles(join(directory, "saves")),
    ...{ clock, randomBytes },
  });
const create = async (standing = acme): Promise<Simulation> => {
  const source = JSON.stringify(aTopology(["web", "db"]));
  const { simulation: made } = await host.services.create(standing, source, { start: true });
  await host.reconciler.settled(standing.tenantId, made.id);
  return host.services.get(standing, made.id);
};
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "kombify-saves-"));
  const file = join(directory, "host.sqlite");
  const allocate = (taken: ReadonlySet<string>, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `10.111.${taken.size + index}.0/27`);
  host = aHost({ store: sqliteStore({ file, clock, allocate }) });
  database = openDatabase(file);
  run = tarRunner(join(directory, "nodes"));
  saves = reopen();
  simulation = await create();
});
afterEach(() => {
  database.close();
  host.file.close();
  rmSync(directory, { recursive: true });
});

const data = (name: string, of = simulation): string =>
  dataOf(join(directory, "nodes"), of.nodes.find((node) => node.name === name)?.containerId ?? "none");
const onDisk = (): readonly string[] => {
  const path = join(directory, "saves");
  return existsSync(path) ? readdirSync(path) : [];
};

describe("a save", () => {
  test("has what every running node has below /data, and puts it back", async () => {
    writeFileSync(join(data("web"), "page.html"), "<h1>hello</h1>");
    mkdirSync(join(data("db"), "tables"));
    writeFileSync(join(data("db"), "tables", "one"), "1");
    const save = await saves.create(simulation);
    expect(save.nodes.map(({ name }) => name)).toEqual(["web", "db"]);
    expect(save).toMatchObject({ tenantId: "acme", createdAt: "2026-01-01T00:00:00.000Z" });
    expect(save.id).toMatch(/^save-[a-z2-7]{20}$/);
    writeFileSync(join(data("web"), "page.html"), "broken");
    rmSync(join(data("db"), "tables"), { recursive: true });
    writeFileSync(join(data("web"), "later"), "stays");
    expect(await saves.restore(simulation, save)).toEqual(["web", "db"]);
    expect(readFileSync(join(data("web"), "page.html"), "utf8")).toBe("<h1>hello</h1>");
    expect(readFileSync(join(data("db"), "tables", "one"), "utf8")).toBe("1");
    expect(readFileSync(join(data("web"), "later"), "utf8")).toBe("stays");
  });

  test("is put back into the nodes that are named, and into no other", async () => {
    for (const name of ["web", "db"]) writeFileSync(join(data(name), "file"), "old");
    const save = await saves.create(simulation);
    for (const name of ["web", "db"]) writeFileSync(join(data(name), "file"), "new");
    expect(await saves.restore(simulation, save, ["db"])).toEqual(["db"]);
    expect(["web", "db"].map((name) => readFileSync(join(data(name), "file"), "utf8"))).toEqual(["new", "old"]);
    await expect(saves.restore(simulation, save, ["nobody"])).rejects.toMatchObject({ code: "not-found" });
  });

  test("is handed out as one tar with a folder for each node", async () => {
    writeFileSync(join(data("web"), "page.html"), "hello");
    const save = await saves.create(simulation);
    const { bytes, contents } = saves.archive(save);
    const archive = join(directory, "save.tar");
    writeFileSync(archive, await buffer(contents));
    expect(readFileSync(archive).length).toBe(bytes);
    const tar = (...words: readonly string[]): string => execFileSync("tar", [...words], { encoding: "utf8" });
    expect(tar("-tf", archive).trim().split("\n")).toEqual(["save.json", "web/data.tar", "db/data.tar"]);
    expect(JSON.parse(tar("-xOf", archive, "save.json"))).toMatchObject({ id: save.id, nodes: save.nodes });
    const inner = execFileSync("tar", ["-xOf", archive, "web/data.tar"]);
    expect(execFileSync("tar", ["-xOf", "-", "./page.html"], { input: inner }).toString()).toBe("hello");
  });

  test("takes hostile names and links for what they are: bytes that only the node unpacks", async () => {
    symlinkSync("/etc/passwd", join(data("web"), "passwd"));
    symlinkSync("../../..", join(data("web"), "up"));
    writeFileSync(join(data("web"), "a\nb"), "x");
    const save = await saves.create(simulation);
    expect(onDisk()).toEqual([save.id]);
    expect(readdirSync(join(directory, "saves", save.id)).sort()).toEqual(["db.tar", "web.tar"]);
    expect(await saves.restore(simulation, save)).toEqual(["web", "db"]);
  });

  test("leaves out nodes that do not run, and is none without a node that does", async () => {
    const stopped = simulation.nodes.map((node) =>
      node.name === "web" ? { ...node, state: "exited" as const } : node,
    );
    expect((await saves.create({ ...simulation, nodes: stopped })).nodes.map(({ name }) => name)).toEqual(["db"]);
    const none = simulation.nodes.map((node) => ({ ...node, state: "paused" as const }));
    await expect(saves.create({ ...simulation, nodes: none })).rejects.toMatchObject({ code: "simulation-state" });
    const save = await saves.create(simulation);
    await expect(saves.restore({ ...simulation, nodes: stopped }, save)).rejects.toThrow("The node web does not run.");
  });

  test("that was damaged is not put back", async () => {
    const save = await saves.create(simulation);
    writeFileSync(join(directory, "saves", save.id, "db.tar"), "rot");
    writeFileSync(join(data("web"), "file"), "new");
    await expect(saves.restore(simulation, save)).rejects.toMatchObject({ code: "conflict" });
    rmSync(join(directory, "saves", save.id, "db.tar"));
    await expect(saves.restore(simulation, save)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(join(data("web"), "file"), "utf8")).toBe("new");
  });
});

describe("what cannot be saved", () => {
  test.each([
    {
      what: "no tar",
      answer: { exitCode: 127, isCut: false },
      code: "simulation-state",
      words: "The node web has no tar.",
    },
    {
      what: "a tar that fails",
      answer: { exitCode: 2, isCut: false },
      code: "simulation-state",
      words: "ended with 2",
    },
    {
      what: "too much",
      answer: { exitCode: 0, isCut: true },
      code: "too-large",
      words: "The node web has more than 40 MB",
    },
  ])("names its node and leaves nothing: $what", async ({ answer, code, words }) => {
    const real = run;
    run = (id, ...rest) => {
      const isWeb = data("web").endsWith(id);
      return isWeb ? Promise.resolve({ ...answer, output: Buffer.alloc(10) }) : real(id, ...rest);
    };
    const refused = expect(saves.create(simulation)).rejects;
    await refused.toMatchObject({ code, facts: { node: "web" }, message: expect.stringContaining(words) as string });
    expect([onDisk(), saves.list(simulation)]).toEqual([[], []]);
  });

  test("is the eleventh save of a simulation", async () => {
    for (let n = 0; n < 10; n += 1) await saves.create(simulation);
    await expect(saves.create(simulation)).rejects.toMatchObject({ code: "simulation-limit-reached" });
    await saves.remove(saves.list(simulation)[0]!);
    await saves.create(simulation);
    expect([onDisk().length, saves.list(simulation).length]).toEqual([10, 10]);
  });

  test("is more than 500 MB of a tenant's", async () => {
    run = () => Promise.resolve({ exitCode: 0, output: Buffer.alloc(40 * 1024 * 1024), isCut: false });
    const insert = database.sql.prepare("INSERT INTO saves VALUES (?, ?, ?, '', ?, '{}')");
    insert.run("acme", simulation.id, "save-large", 460 * 1024 * 1024);
    await expect(saves.create(simulation)).rejects.toMatchObject({ code: "simulation-limit-reached" });
    expect(onDisk()).toEqual([]);
    expect(await saves.create(await create(aStanding("globex")))).toMatchObject({ tenantId: "globex" });
  });

  test("is what takes too long", async () => {
    let now = Date.UTC(2026, 0, 1);
    const slow = makeSaves({
      engine: {
        run: () => {
          now += 61_000;
          return Promise.resolve({ exitCode: 0, output: Buffer.alloc(1), isCut: false });
        },
      },
      store: sqliteSaveStore(database),
      files: saveFiles(join(directory, "saves")),
      ...{ clock: () => new Date(now), randomBytes },
    });
    await expect(slow.create(simulation)).rejects.toMatchObject({ code: "unavailable" });
    expect(onDisk()).toEqual([]);
  });

  test("is a simulation that went meanwhile", async () => {
    const real = run;
    run = async (...which) => {
      await host.services.control(acme, simulation.id, "delete");
      await host.reconciler.settled("acme", simulation.id);
      return real(...which);
    };
    await expect(saves.create(simulation)).rejects.toMatchObject({ code: "simulation-not-found" });
    expect(onDisk()).toEqual([]);
  });
});

describe("saves", () => {
  const idsOf = (all: readonly Save[]) => all.map(({ id }) => id);
  test("are listed newest first, each tenant's and each simulation's apart", async () => {
    const [one, other] = [await create(), await create(aStanding("globex"))];
    const made = await saves.create(simulation);
    const foreign = await saves.create(other);
    expect([idsOf(saves.list(simulation)), saves.list(one), idsOf(saves.list(other))]).toEqual([
      [made.id],
      [],
      [foreign.id],
    ]);
    for (const id of [foreign.id, "", "../saves", "%", "__proto__", `${made.id}.part`]) {
      expect(() => saves.find(simulation, id)).toThrow("no save with this id");
    }
    expect(() => saves.find(one, made.id)).toThrow("no save with this id");
    expect(() => saves.find({ ...simulation, tenantId: "globex" }, made.id)).toThrow("no save with this id");
  });

  test("are gone with their files when they are removed, also twice", async () => {
    const save = await saves.create(simulation);
    await saves.remove(save);
    await saves.remove(save);
    expect([onDisk(), saves.list(simulation)]).toEqual([[], []]);
  });

  test("go with their simulation, and their files with the next tidying", async () => {
    await saves.create(simulation);
    await host.services.control(acme, simulation.id, "delete");
    await host.reconciler.settled("acme", simulation.id);
    expect(saves.list(simulation)).toEqual([]);
    await saves.tidy();
    expect(onDisk()).toEqual([]);
  });

  test("leave nothing half made when the host is killed, and whole ones stay", async () => {
    const whole = await saves.create(simulation);
    const files = saveFiles(join(directory, "saves"));
    await files.write("save-killed-while-writing", "web", Buffer.from("x"));
    await files.write("save-killed-before-its-row", "web", Buffer.from("x"));
    await files.finish("save-killed-before-its-row");
    expect(onDisk()).toHaveLength(3);
    await reopen().tidy();
    expect(onDisk()).toEqual([whole.id]);
    expect(await saves.restore(simulation, whole)).toEqual(["web", "db"]);
  });

  test("are not taken away while they are being made", async () => {
    const real = run;
    run = async (...which) => {
      const answer = await real(...which);
      await saves.tidy();
      return answer;
    };
    const save = await saves.create(simulation);
    await saves.tidy();
    expect(await saves.restore(simulation, save)).toEqual(["web", "db"]);
  });
});
