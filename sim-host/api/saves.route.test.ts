import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy } from "../../tests/support/sim-api.ts";
import type { Save } from "../saves/ports.ts";
import type { Saves } from "../saves/saves.ts";

let api: TestApi;
let id = "";
let kept: Save[] = [];
let restored: unknown[] = [];
let gate = Promise.resolve();

/** Saves as their room keeps them, without files: `saves.test.ts` tries those. */
const memorySaves: Saves = {
  async create({ tenantId, id: simulationId }) {
    await gate;
    const nodes = [{ name: "web", bytes: 5, sha256: "0".repeat(64) }];
    const save = { tenantId, simulationId, id: `save-${kept.length}`, createdAt: "2026-01-01T00:00:00.000Z", nodes };
    kept.push(save);
    return save;
  },
  list: ({ id: simulationId }) => kept.filter((save) => save.simulationId === simulationId),
  find(simulation, saveId) {
    const save = memorySaves.list(simulation).find((each) => each.id === saveId);
    if (save !== undefined) return save;
    throw new DomainError("not-found", "The simulation has no save with this id.");
  },
  archive: () => ({
    bytes: 5,
    contents: (async function* () {
      yield await Promise.resolve(Buffer.from("files"));
    })(),
  }),
  restore: (_simulation, save, only) => {
    restored.push([save.id, only]);
    return Promise.resolve(["web"]);
  },
  remove: (save) => {
    kept = kept.filter((each) => each !== save);
    return Promise.resolve();
  },
  tidy: () => Promise.resolve(),
};
beforeEach(async () => {
  [kept, restored, gate] = [[], [], Promise.resolve()];
  api = buildApi(() => ({ saves: memorySaves }));
  id = await runningId(api);
});

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const send = (method: "GET" | "POST" | "DELETE", path = "", { body, headers = {} }: Sent = {}) =>
  api.app.inject({
    ...{ method, url: `/v1/simulations/${id}/saves${path}`, headers: signedBy("ada", headers) },
    ...(body === undefined ? {} : { body }),
  });

describe("saves", () => {
  test("are made, listed, handed out, put back and removed", async () => {
    const made = await send("POST");
    const view = {
      ...{ id: "save-0", createdAt: "2026-01-01T00:00:00.000Z", bytes: 5 },
      nodes: [{ name: "web", bytes: 5, sha256: "0".repeat(64) }],
    };
    expect(made).toMatchObject({ statusCode: 201 });
    expect(made.headers.location).toBe(`/v1/simulations/${id}/saves/save-0`);
    expect([made.json(), (await send("GET")).json()]).toEqual([view, { saves: [view] }]);
    const archive = await send("GET", "/save-0");
    expect(archive.headers).toMatchObject({
      ...{ "content-type": "application/x-tar", "content-length": "5", "x-content-type-options": "nosniff" },
      "content-disposition": 'attachment; filename="save-0.tar"',
    });
    expect(archive.body).toBe("files");
    expect((await send("POST", "/save-0/restore")).json()).toEqual({ restored: ["web"] });
    await send("POST", "/save-0/restore", { headers: json, body: '{"nodes":["web"]}' });
    expect(restored).toEqual([
      ["save-0", undefined],
      ["save-0", ["web"]],
    ]);
    expect((await send("DELETE", "/save-0")).statusCode).toBe(204);
    expect((await send("DELETE", "/save-0")).json()).toMatchObject({ status: 404, code: "not-found" });
  });

  test.each(['{"nodes":[]}', '{"nodes":"web"}', '{"nodes":[""]}', '{"path":"/etc"}'])(
    "are not put back as told by %s",
    async (body) => {
      await send("POST");
      expect((await send("POST", "/save-0/restore", { headers: json, body })).statusCode).toBe(400);
      expect(restored).toEqual([]);
    },
  );

  test("are made one at a time for a tenant, for each is held in memory", async () => {
    const open = Promise.withResolvers<undefined>();
    gate = open.promise.then(() => undefined);
    let refused = 0;
    const answers = [send("POST"), send("POST"), send("POST")];
    for (const answer of answers) void answer.then(({ statusCode }) => (refused += statusCode === 429 ? 1 : 0));
    while (refused < 2) await sleep(1);
    open.resolve(undefined);
    expect((await Promise.all(answers)).map(({ statusCode }) => statusCode).sort()).toEqual([201, 429, 429]);
  });
});
