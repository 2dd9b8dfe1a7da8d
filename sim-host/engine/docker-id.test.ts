import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerEngine } from "./docker-engine.ts";
import { dockerId } from "./docker-id.ts";
import type { DockerId, Engine } from "./ports.ts";

const hex = "0123456789abcdef".repeat(4);
const hostile: readonly unknown[] = [
  "",
  "../networks/bridge",
  "..%2fnetworks%2fbridge",
  "//host/x",
  "x?force=1&v=1#",
  `${hex}?force=1&v=1#`,
  `${hex}\r\nX: y`,
  `${hex}\n`,
  `${hex}/../../networks/bridge`,
  ` ${hex}`,
  "undefined",
  hex.slice(0, 3),
  hex.slice(0, 12),
  hex.slice(1),
  `${hex}0`,
  hex.toUpperCase(),
  "sim-abc",
  undefined,
  null,
  64,
  [hex],
  { toString: () => hex },
];

const readAll = async (lines: AsyncIterable<unknown>): Promise<void> => {
  for await (const _line of lines);
};
/** What the compiler would refuse: ids that nobody has checked. */
const asIfChecked = (text: unknown): DockerId => text as DockerId;

describe("ids of the engine", () => {
  let folder: string;
  let engine: Engine;
  const requests: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    // What the engine does with paths that it does not know: the client follows, without its socket, and its second error is nobody's.
    response.writeHead(301, { location: "/containers/json" }).end();
  });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kombify-engine-"));
    const socketPath = join(folder, "engine.sock");
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    engine = dockerEngine({ socketPath });
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("are 64 lower-case hexadecimal digits", () => {
    expect(dockerId(hex)).toBe(hex);
  });

  it.each(hostile.map((id) => [id]))("are not %j, which no call of the engine lets through", async (id) => {
    expect(() => dockerId(id)).toThrow(expect.objectContaining({ code: "invalid-input" }));
    const signal = new AbortController().signal;
    const limits = { outputBytesMax: 1, timeoutMilliseconds: 1000 };
    const size = { columns: 80, rows: 24 };
    const wrong = asIfChecked(id);
    const calls: (() => Promise<unknown>)[] = [
      ...(["inspect", "start", "stop", "pause", "resume", "kill"] as const).map((name) => () => engine[name](wrong)),
      () => engine.removeContainer(wrong),
      () => engine.removeNetwork(wrong),
      () => engine.stats(wrong),
      () => engine.run(wrong, ["true"], limits),
      () => engine.terminal(wrong, ["sh"], size),
      () => readAll(engine.logs(wrong, { follow: true, tailLines: 1, signal })),
      () => readAll(engine.logs(wrong, { follow: false, tailLines: 1, signal })),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "invalid-input" });
    expect(requests).toStrictEqual([]);
  });
});
