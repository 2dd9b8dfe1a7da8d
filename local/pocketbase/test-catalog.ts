import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import PocketBase, { BaseAuthStore } from "pocketbase";
import type { TestPocketBase } from "./test-pocketbase.ts";

export interface CatalogSize {
  readonly categories: number;
  readonly tools: number;
  readonly versions: number;
  readonly evaluations: number;
}

type Row = Readonly<Record<string, string | number | null>>;

const text = (name: string) => ({ name, type: "text", max: 20_000 });
const relation = (name: string, collectionId: string) => ({ name, type: "relation", collectionId, maxSelect: 1 });
const autodates = [
  { name: "created", type: "autodate", onCreate: true },
  { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
];

const collections = [
  {
    id: "pbccategories00",
    name: "categories",
    type: "base",
    fields: [text("name"), text("slug"), relation("parent", "pbccategories00"), ...autodates],
  },
  {
    id: "pbctools0000000",
    name: "tools",
    type: "base",
    fields: [
      ...[text("name"), text("description"), relation("category", "pbccategories00"), text("homepage")],
      ...[text("license"), { name: "tags", type: "json" }, { name: "published", type: "bool" }, text("internal_notes")],
      ...autodates,
    ],
  },
  {
    id: "pbcversions0000",
    name: "tool_versions",
    type: "base",
    fields: [
      relation("tool", "pbctools0000000"),
      text("version"),
      text("changelog"),
      text("released_at"),
      ...autodates,
    ],
  },
  {
    id: "pbcevaluations0",
    name: "ai_evaluations",
    type: "base",
    fields: [
      ...[relation("tool", "pbctools0000000"), text("model"), text("date")],
      ...[{ name: "scores", type: "json" }, text("summary"), text("source"), ...autodates],
    ],
  },
];

/** Ids as PocketBase makes them: 15 lower-case letters and digits. Scattered, so that their order is not the rows'. */
export const recordId = (kind: string, index: number): string =>
  `${kind}${((index * 7_919) % 1_000_003).toString(36).padStart(6, "0")}${index.toString(36).padStart(8, "0")}`.slice(
    0,
    15,
  );

const words = ["server", "backup", "monitor", "proxy", "photo", "music", "mail", "wiki", "chart", "queue"];
const describeTool = (index: number): string =>
  Array.from({ length: 30 }, (_, at) => words[(index * 31 + at * at) % words.length]).join(" ");

const rowsOf = ({
  categories,
  tools,
  versions,
  evaluations,
}: CatalogSize): Readonly<Record<string, readonly Row[]>> => ({
  categories: Array.from({ length: categories }, (_, index) => ({
    id: recordId("c", index),
    name: `Category ${index}`,
    parent: index < 10 ? "" : recordId("c", index % 10),
  })),
  tools: Array.from({ length: tools }, (_, index) => ({
    id: recordId("t", index),
    name: `Tool ${index} ${words[index % words.length] ?? ""}`,
    description: describeTool(index),
    category: recordId("c", index % Math.max(1, categories)),
    homepage: `https://tool-${index}.example`,
    license: ["MIT", "AGPL-3.0", "Apache-2.0"][index % 3] ?? "",
    tags: JSON.stringify([words[index % words.length], words[(index + 3) % words.length]]),
    published: index % 10 === 0 ? 0 : 1,
  })),
  tool_versions: Array.from({ length: versions }, (_, index) => ({
    id: recordId("v", index),
    tool: recordId("t", index % Math.max(1, tools)),
    version: `v${1 + Math.floor(index / Math.max(1, tools))}.${index % 20}.0`,
    changelog: "Repairs and improvements.",
    released_at: "2026-01-02 03:04:05.000Z",
  })),
  ai_evaluations: Array.from({ length: evaluations }, (_, index) => ({
    id: recordId("e", index),
    tool: recordId("t", index % Math.max(1, tools)),
    model: "some-model-1",
    date: "2026-02-03",
    scores: JSON.stringify({ safety: index % 101, docs: 50 }),
    summary: `Evaluation ${index}`,
    source: "https://evaluations.example",
  })),
});

/** Writes rows past PocketBase's own checks: also what an older release, or somebody with a database tool, left behind. */
export const insertRows = ({ dataDirectory }: TestPocketBase, table: string, rows: readonly Row[]): void => {
  const database = new DatabaseSync(join(dataDirectory, "data.db"), { timeout: 10_000 });
  try {
    database.exec("BEGIN IMMEDIATE");
    for (const row of rows) {
      const names = Object.keys(row);
      const places = names.map(() => "?").join(", ");
      database
        .prepare(`INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${places})`)
        .run(...Object.values(row));
    }
    database.exec("COMMIT");
  } finally {
    database.close();
  }
};

/** Makes the collections of a tool catalog, as an earlier administration had them, and fills them. */
export const fillCatalog = async (pocketBase: TestPocketBase, size: CatalogSize): Promise<PocketBase> => {
  const client = new PocketBase(pocketBase.url, new BaseAuthStore());
  client.autoCancellation(false);
  await client.collection("_superusers").authWithPassword(pocketBase.email, pocketBase.password);
  await client.send("/api/collections/import", { method: "PUT", body: { collections, deleteMissing: false } });
  for (const [table, rows] of Object.entries(rowsOf(size))) insertRows(pocketBase, table, rows);
  return client;
};
