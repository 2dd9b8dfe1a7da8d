import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createCosmosContainers, openCosmosDatabase } from "../../shared/adapters/cosmos/database.ts";
import { cosmosDocumentStore } from "../../shared/adapters/cosmos/document-store.ts";
import {
  DocumentChanged,
  DocumentConflict,
  type DocumentContainer,
  type DocumentStore,
} from "../../shared/documents/document-store.ts";
import { parseThing, things, type Thing } from "./fixtures/documents.ts";
import { startFaultyProxy, type FaultyProxy } from "./fixtures/faulty-proxy.ts";
import { newZone } from "./fixtures/opened-store.ts";
import { embeddedCosmosTarget, type Target } from "./fixtures/targets.ts";

const unavailable = { name: "DomainError", code: "unavailable" };
const limits = { requestMilliseconds: 700, operationMilliseconds: 2000 };
const retryWith = { kind: "answer", status: 449 } as const;

describe("Cosmos, when the service or the way to it fails", () => {
  let target: Target;
  let proxy: FaultyProxy;
  let store: DocumentStore;
  let container: DocumentContainer<Thing>;

  beforeAll(async () => {
    target = await embeddedCosmosTarget();
    if (target.address.kind !== "cosmos") throw new Error("Not a Cosmos endpoint.");
    const { endpoint, database, key } = target.address;
    proxy = await startFaultyProxy(endpoint);
    store = cosmosDocumentStore({ endpoint: proxy.endpoint, database, credential: { key } }, limits);
    container = store.container(things, parseThing);
  });
  afterEach(() => {
    proxy.faults.length = 0;
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await target.remove();
  });

  it("repeats what Cosmos asks to repeat (449)", async () => {
    proxy.faults.push(retryWith, retryWith);
    const { value, etag } = await container.create({ id: "a", zone: newZone() });
    proxy.faults.push(retryWith);
    const replaced = await container.replace({ ...value, size: 2 }, etag);
    expect(proxy.faults).toStrictEqual([]);
    expect(await container.read(value.zone, "a")).toStrictEqual(replaced);
  });

  it("does not repeat 449 for ever", async () => {
    const before = proxy.seen();
    proxy.faults.push(...Array.from({ length: 50 }, () => retryWith));
    await expect(container.create({ id: "a", zone: newZone() })).rejects.toMatchObject(unavailable);
    expect(proxy.seen() - before).toBe(6);
  });

  it("waits as long as throttling asks (429), and no longer than its bound", async () => {
    const throttled = (milliseconds: string) =>
      ({ kind: "answer", status: 429, headers: { "x-ms-retry-after-ms": milliseconds } }) as const;
    const zone = newZone();
    proxy.faults.push(throttled("5"), throttled("5"));
    const created = await container.create({ id: "a", zone });
    expect(await container.read(zone, "a")).toStrictEqual(created);
    proxy.faults.push(throttled("60000"));
    await expect(container.create({ id: "b", zone })).rejects.toMatchObject(unavailable);
    expect(await container.read(zone, "b")).toBeUndefined();
  });

  it.each([500, 502, 503, 410])("says unavailable with the cause when the answer is %i", async (status) => {
    proxy.faults.push(...Array.from({ length: 20 }, () => ({ kind: "answer", status }) as const));
    await expect(container.replace({ id: "a", zone: "z" }, `"e"`)).rejects.toMatchObject({
      ...unavailable,
      cause: { code: status },
    });
  });

  it("says unavailable when something else answers", async () => {
    proxy.faults.push({ kind: "answer", status: 502, body: "<html>Bad gateway</html>" });
    await expect(container.read("z", "a")).rejects.toMatchObject(unavailable);
    const welcome = { kind: "answer", status: 200, body: "<html>Welcome</html>" } as const;
    proxy.faults.push(welcome, welcome, welcome);
    await expect(container.query({ partition: "z", limit: 1 })).rejects.toMatchObject(unavailable);
  });

  it("does not take a missing container or session for a missing document", async () => {
    for (const substatus of ["1002", "1003"]) {
      const notFound = { kind: "answer", status: 404, headers: { "x-ms-substatus": substatus } } as const;
      proxy.faults.push(...Array.from({ length: 10 }, () => notFound));
      await expect(container.read("z", "a")).rejects.toMatchObject(unavailable);
      await expect(container.delete("z", "a", `"e"`)).rejects.toMatchObject(unavailable);
      proxy.faults.length = 0;
    }
  });

  it("shows a refused key as it is, not as absence or a conflict", async () => {
    proxy.faults.push({ kind: "answer", status: 401 });
    await expect(container.read("z", "a")).rejects.toMatchObject({ code: 401 });
  });

  it("never sends a guard that would match any version", async () => {
    const before = proxy.seen();
    for (const noGuard of ["*", ""]) {
      await expect(container.replace({ id: "a", zone: "z" }, noGuard)).rejects.toBeInstanceOf(DocumentChanged);
    }
    expect(proxy.seen()).toBe(before);
  });

  it("leaves a write whose answer was lost done once, and its echo is a conflict or a change", async () => {
    const zone = newZone();
    proxy.faults.push({ kind: "lost-answer" });
    const echo = await container.create({ id: "a", zone, name: "claim-1" }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(
      echo instanceof DocumentConflict || (echo instanceof Error && "code" in echo && echo.code === "unavailable"),
    ).toBe(true);
    const stored = await container.read(zone, "a");
    expect(stored?.value.name).toBe("claim-1");
    proxy.faults.push({ kind: "lost-answer" });
    const change = container.replace({ id: "a", zone, name: "claim-2" }, stored?.etag ?? "");
    await expect(change).rejects.toSatisfy(
      (error) =>
        error instanceof DocumentChanged || (error instanceof Error && "code" in error && error.code === "unavailable"),
    );
    expect((await container.read(zone, "a"))?.value.name).toBe("claim-2");
  });

  it("gives up on silence after the request's time limit", async () => {
    proxy.faults.push({ kind: "silence" }, { kind: "silence" }, { kind: "silence" });
    await expect(container.create({ id: "a", zone: newZone() })).rejects.toMatchObject(unavailable);
  });

  it("gives up on an endpoint where nobody listens", async () => {
    const gone = await startFaultyProxy(proxy.endpoint);
    await gone.close();
    const lost = cosmosDocumentStore(
      { endpoint: gone.endpoint, database: "none", credential: { key: "a2V5" } },
      limits,
    );
    await expect(lost.container(things, parseThing).read("z", "a")).rejects.toMatchObject(unavailable);
    await lost.close();
  });

  it("makes containers once, and widens the index of one whose definition has grown", async () => {
    if (target.address.kind !== "cosmos") throw new Error("Not a Cosmos endpoint.");
    const { endpoint, database: name, key } = target.address;
    const database = await openCosmosDatabase({ endpoint, database: name, credential: { key } });
    const grown = { name: "grown", partitionKey: "zone", indexes: ["name"] };
    const includedPaths = async () =>
      (await database.container("grown").read()).resource?.indexingPolicy?.includedPaths?.map(({ path }) => path);
    await createCosmosContainers(database, [grown]);
    await createCosmosContainers(database, [grown]);
    expect(await includedPaths()).toStrictEqual(["/zone/?", "/name/?"]);
    await createCosmosContainers(database, [{ ...grown, indexes: ["name", "size"] }]);
    expect(await includedPaths()).toStrictEqual(["/zone/?", "/name/?", "/size/?"]);
    database.client.dispose();
  });
});
