import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestPocketBase } from "../../local/pocketbase/test-pocketbase.ts";
import { waitUntil } from "../../local/process/wait-until.ts";
import { startTestStack, type TestStack } from "./isolation-fixture.ts";
import { ask, askUntil, startInstance, type HealthAnswer } from "./support/stack-instance.ts";

const aText: unknown = expect.any(String);
const allOk = { database: "ok", storage: "ok", memory: "ok" };

const rowsOf = (server: TestPocketBase): readonly Record<string, unknown>[] => {
  const database = new DatabaseSync(join(server.dataDirectory, "data.db"), { readOnly: true });
  try {
    return database.prepare("SELECT id, value FROM _params ORDER BY id").all();
  } finally {
    database.close();
  }
};

describe("an instance that nobody prepared", () => {
  let server: TestPocketBase;
  beforeAll(async () => {
    server = await startInstance({ KOMBIFY_VERSION: "1.2.3" });
  });
  afterAll(() => server.stop());

  it("is healthy, in the founding document's shape", async () => {
    const { httpStatus, body } = await ask(server, "/health");
    expect(httpStatus).toBe(200);
    expect(body).toEqual({ status: "healthy", version: "1.2.3", timestamp: aText, checks: allOk });
    expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp);
    expect(Math.abs(Date.now() - Date.parse(body.timestamp))).toBeLessThan(5000);
  });

  it("is not ready, because the collections of the control plane are missing", async () => {
    const { httpStatus, body } = await ask(server, "/ready");
    expect(httpStatus).toBe(503);
    expect(body).toMatchObject({ status: "degraded", checks: { ...allOk, collections: "failed" } });
  });

  it("looks once for many questions, and leaves one row", async () => {
    const lookedAt = (): number => Number(rowsOf(server).find(({ id }) => id === "kombify_health")?.["value"]);
    await ask(server, "/health");
    const ids = rowsOf(server).map(({ id }) => id);
    const first = lookedAt();
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask(server, "/health")));
    expect(answers.every(({ httpStatus }) => httpStatus === 200)).toBe(true);
    expect(rowsOf(server).map(({ id }) => id)).toEqual(ids);
    // On a slow machine the questions may outlast one look.
    const between = lookedAt() - first;
    expect(between === 0 || between >= 5000, `${between} ms between two looks`).toBe(true);
  });
});

describe("a prepared instance", () => {
  let test: TestStack;
  beforeAll(async () => {
    test = await startTestStack();
  });
  afterAll(() => test.server.stop());

  it("is ready", async () => {
    const { httpStatus, body } = await ask(test.server, "/ready");
    expect(httpStatus).toBe(200);
    expect(body).toMatchObject({ status: "healthy", checks: { ...allOk, collections: "ok" } });
  });

  it("is degraded while its disk cannot be written, and says no path", async () => {
    await askUntil(test.server, "/health", ({ body }) => body.status === "healthy");
    const directory = join(test.server.dataDirectory, ".pb_temp_to_delete");
    rmSync(directory, { recursive: true, force: true });
    writeFileSync(directory, "in the way");
    const broken = await askUntil(test.server, "/health", ({ body }) => body.checks["storage"] === "failed");
    expect(broken.httpStatus).toBe(200);
    expect(broken.body).toMatchObject({ status: "degraded", checks: { ...allOk, storage: "failed" } });
    expect(broken.text).not.toContain("pb_");
    expect((await ask(test.server, "/ready")).httpStatus).toBe(200);
    rmSync(directory);
    mkdirSync(directory);
    const repaired = await askUntil(test.server, "/health", ({ body }) => body.status === "healthy");
    expect(repaired.body.checks).toEqual(allOk);
  });

  it("answers at once, degraded and not ready, while the database cannot be written", async () => {
    await askUntil(test.server, "/health", ({ body }) => body.status === "healthy");
    const other = new DatabaseSync(join(test.server.dataDirectory, "data.db"));
    const asked: Promise<unknown>[] = [];
    let waiting = 0;
    /** The answer, or undefined when it takes longer than a probe would wait; then it stays counted in `waiting`. */
    const probe = async (): Promise<HealthAnswer | undefined> => {
      waiting += 1;
      const answer = ask(test.server, "/health").finally(() => {
        waiting -= 1;
      });
      asked.push(answer);
      return Promise.race([answer, delay(1000, undefined)]);
    };
    try {
      other.exec("BEGIN IMMEDIATE");
      const isFailed = async (): Promise<boolean> => (await probe())?.body.checks["database"] === "failed";
      expect(await waitUntil(isFailed, 20_000)).toBe(true);
      expect(waiting, "one question still waits in the check, the others do not").toBe(1);
      const { httpStatus, body, milliseconds } = await ask(test.server, "/ready");
      expect(httpStatus).toBe(503);
      expect(body.status).toBe("degraded");
      expect(milliseconds).toBeLessThan(1000);
    } finally {
      other.exec("ROLLBACK");
      other.close();
    }
    await Promise.all(asked);
    const repaired = await askUntil(test.server, "/ready", (answer) => answer.httpStatus === 200);
    expect(repaired.body.checks["database"]).toBe("ok");
  });

  it("is not ready any more when a collection of the control plane is gone", async () => {
    await test.root.collections.delete("_sso_mappings");
    const { httpStatus, body } = await ask(test.server, "/ready");
    expect(httpStatus).toBe(503);
    expect(body.checks["collections"]).toBe("failed");
    expect((await ask(test.server, "/health")).httpStatus).toBe(200);
    await test.stack.prepare();
    expect((await ask(test.server, "/ready")).httpStatus).toBe(200);
  });
});

describe("limits", () => {
  it("count too little free space as a failed disk, and too much memory as no more than a remark", async () => {
    const server = await startInstance({
      KOMBIFY_MIN_FREE_MEBIBYTES: "1000000000",
      KOMBIFY_MAX_MEMORY_PERCENT: "0.0001",
    });
    try {
      const { body } = await ask(server, "/health");
      expect(body.checks).toEqual({ database: "ok", storage: "failed", memory: "failed" });
      expect(body.status).toBe("degraded");
    } finally {
      await server.stop();
    }
    const crowded = await startInstance({ KOMBIFY_MAX_MEMORY_PERCENT: "0.0001" });
    try {
      const { body } = await ask(crowded, "/health");
      expect(body).toMatchObject({ status: "healthy", checks: { ...allOk, memory: "failed" } });
    } finally {
      await crowded.stop();
    }
  });
});
