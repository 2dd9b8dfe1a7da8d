import { operatorOrgId } from "../local/identity-provider/seed.ts";
import type { BenchPlatform } from "./bench-platform.ts";
import type { Pair } from "./harness.ts";
import { figureOf, timed } from "./harness.ts";

const toolCount = 20_000;
const rowsPerImport = 4_000;
const requestsPerRound = 40;
const words = ["server", "backup", "monitor", "proxy", "photo", "music", "mail", "wiki", "chart", "queue"];

const rowOf = (index: number): string => {
  const described = Array.from({ length: 12 }, (_, at) => words[(index * 31 + at * at) % words.length]).join(" ");
  return `tool-${index},Tool ${index} ${words[index % words.length] ?? ""},${described},published`;
};

interface Sent {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ask = async ({ functionsUrl, functionsKey }: BenchPlatform, path: string, init?: Sent) => {
  const headers = { "x-functions-key": functionsKey, ...init?.headers };
  const answer = await fetch(`${functionsUrl}${path}`, { ...init, headers });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${body.slice(0, 500)}`);
  return body;
};

const fill = async (platform: BenchPlatform): Promise<void> => {
  const token = await platform.tokenFor(operatorOrgId, "300000000000001001");
  for (let begin = 0; begin < toolCount; begin += rowsPerImport) {
    const rows = Array.from({ length: rowsPerImport }, (_, at) => rowOf(begin + at));
    await ask(platform, "/api/admin/tools/import", {
      method: "POST",
      headers: { "content-type": "text/csv", authorization: `Bearer ${token}` },
      body: ["slug,name,description,status", ...rows].join("\n"),
    });
  }
};

/** The 95th percentile of a round's requests, one after the other. */
const p95 = async (act: (request: number) => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let request = 0; request < requestsPerRound; request += 1) times.push(await timed(() => act(request)));
  return figureOf(times).p95;
};

/** Searching 20,000 tools for their words, with facets, against reading one tool by its slug: both as answers of the app. */
export const catalogSearch = (platform: BenchPlatform): Pair => ({
  name: "search over 20,000 tools, p95",
  bound: { kind: "ratio", max: 3 },
  measured: "GET /api/tools?q=...",
  baseline: "GET /api/tools/{slug}",
  rounds: 15,
  warmUp: 2,
  open: async () => {
    await fill(platform);
    let round = 0;
    return {
      measure: () => {
        round += 1;
        return p95((request) => ask(platform, `/api/tools?q=tool%20${(round * 977 + request * 331) % toolCount}`));
      },
      compare: () => p95((request) => ask(platform, `/api/tools/tool-${(request * 331) % toolCount}`)),
      close: () => Promise.resolve(),
    };
  },
});
