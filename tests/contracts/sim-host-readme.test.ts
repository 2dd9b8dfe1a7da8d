import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeMetrics } from "../../sim-host/api/metrics.ts";
import { Settings } from "../../sim-host/config.ts";

const page = readFileSync("sim-host/README.md", "utf8");

/** Rows of the table under a heading, by what is in their first cell. */
const tableUnder = (heading: string): ReadonlyMap<string, string> => {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `([^`]+)`\s*\| (.*?)\s*\|/gm)];
  return new Map(rows.map(([, name = "", next = ""]) => [name, next]));
};

const ofSchema = (name: keyof typeof Settings.shape): string => {
  const parsed = Settings.shape[name].safeParse(undefined);
  if (!parsed.success) return "required";
  return parsed.data === undefined ? "none" : `\`${parsed.data}\``;
};

test("the table of settings has those of the program, with their defaults, in their order", () => {
  const names = Object.keys(Settings.shape) as (keyof typeof Settings.shape)[];
  expect([...tableUnder("Settings")]).toEqual(names.map((name) => [name, ofSchema(name)]));
});

test("the table of metrics has those that the host has beside those of its process", async () => {
  const figures = {
    ...{ simulationsByStatus: { running: 1 }, nodesByState: { running: 1 }, queueLength: 0, areWallsUp: true },
    subnets: { used: 1, free: 1 },
  };
  const text = await makeMetrics({ hasProcessMetrics: false }).text(figures);
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
  expect([...tableUnder("See how it is").keys()].toSorted()).toEqual(names.toSorted());
});

test("every folder of the host has its line, and no other is named", () => {
  const folders = readdirSync("sim-host", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const named = [...tableUnder("Find your way in the code").keys()];
  expect(named.toSorted()).toEqual(folders.map(({ name }) => `${name}/`).toSorted());
});

test.each([
  "README.md",
  "docs/azure.md",
  "docs/contracts.md",
  "docs/simulations.md",
  "docs/simulations-rules.md",
  "sim-host/README.md",
])("%s links to files and headings that are there", (file) => {
  const text = readFileSync(file, "utf8");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^https?:/.test(link));
  const missing = links.filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : new URL(path, new URL(file, "file:///")).pathname.slice(1);
    const content = read(target);
    if (content === undefined) return true;
    return anchor !== undefined && !anchorsOf(content).includes(anchor);
  });
  expect(missing).toEqual([]);
});

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
