import { expect, test } from "vitest";
import { aFleet } from "../../tests/support/fleet.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import type { Document, DocumentStore } from "../documents/document-store.ts";
import type { DomainError } from "../kernel/errors.ts";
import type { HealthReport } from "./report.ts";
import { signReport } from "./report-signature.ts";

const id = "stack-westeurope-1";
type Fleet = ReturnType<typeof aFleet>;

const aReporting = async (): Promise<Fleet> => {
  const fleet = aFleet();
  await fleet.addInstance(id);
  await fleet.addInstance("stack-other");
  fleet.advance(1_000);
  return fleet;
};

const seconds = (fleet: Fleet): number => Math.floor(fleet.clock().getTime() / 1000);

/** A request as an instance would send it, with one thing wrong. */
interface Wrong {
  readonly path?: string;
  readonly change?: object;
  readonly body?: (body: string) => string;
  readonly key?: (fleet: Fleet) => string;
  readonly signedSecondsAgo?: number;
  readonly signature?: (signature: string) => string | null;
}

const send = (fleet: Fleet, wrong: Wrong): Promise<unknown> => {
  const { path = id, change = {}, signedSecondsAgo = 0 } = wrong;
  const signed = JSON.stringify({ ...fleet.reportOf(id), ...change });
  const key = wrong.key?.(fleet) ?? fleet.key(id);
  const signature = signReport(key, seconds(fleet) - signedSecondsAgo, signed);
  return fleet
    .receiveReport({
      instanceId: path,
      body: wrong.body?.(signed) ?? signed,
      signature: wrong.signature === undefined ? signature : wrong.signature(signature),
    })
    .then(
      () => "accepted",
      (error: unknown) => (error as DomainError).code,
    );
};

const ago = (secondsAgo: number): string => new Date(Date.UTC(2026, 0, 1, 0, 16, 40) - secondsAgo * 1000).toISOString();
const metrics = { cpuPercent: 1, memoryPercent: 1, tenantCount: 1 };

test.each<[string, Wrong, string]>([
  ["as it should be", {}, "accepted"],
  [
    "two signatures while the key changes",
    { signature: (good) => good.replace(",v1=", `,v1=${"0".repeat(64)},v1=`) },
    "accepted",
  ],
  ["members we do not know", { change: { disks: [1, 2] } }, "accepted"],
  ["no header", { signature: () => null }, "report-signature-invalid"],
  ["an empty header", { signature: () => "" }, "report-signature-invalid"],
  ["another scheme", { signature: (good) => good.replace("v1", "v0") }, "report-signature-invalid"],
  ["upper-case hex", { signature: (good) => good.toUpperCase() }, "report-signature-invalid"],
  [
    "one digit changed",
    { signature: (good) => good.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) },
    "report-signature-invalid",
  ],
  ["half a signature", { signature: (good) => good.slice(0, -2) }, "report-signature-invalid"],
  [
    "many signatures",
    { signature: (good) => `${good}${`,v1=${"0".repeat(64)}`.repeat(5)}` },
    "report-signature-invalid",
  ],
  ["a changed timestamp", { signature: (good) => good.replace(/t=(\d+)/, "t=1$1") }, "report-signature-invalid"],
  ["a changed body", { body: (body) => body.replace("healthy", "unhealthy") }, "report-signature-invalid"],
  ["a body written anew", { body: (body) => `${body} ` }, "report-signature-invalid"],
  ["another instance's key", { key: (fleet) => fleet.key("stack-other") }, "report-signature-invalid"],
  ["no key", { key: () => "no-key" }, "report-signature-invalid"],
  ["an instance that does not exist", { path: "stack-nobody" }, "report-signature-invalid"],
  ["a path that is no id", { path: "../secrets" }, "report-signature-invalid"],
  ["signed 5 minutes ago", { signedSecondsAgo: 300 }, "accepted"],
  ["signed earlier", { signedSecondsAgo: 301 }, "report-signature-invalid"],
  ["signed 30 seconds ahead", { signedSecondsAgo: -30 }, "accepted"],
  ["signed later", { signedSecondsAgo: -31 }, "report-signature-invalid"],
  ["a report for another instance", { change: { instanceId: "stack-other" } }, "forbidden"],
  ["no JSON", { body: () => "{", signature: () => null }, "report-signature-invalid"],
  ["more than 100 percent", { change: { metrics: { ...metrics, cpuPercent: 100.1 } } }, "invalid-input"],
  ["less than 0 percent", { change: { metrics: { ...metrics, memoryPercent: -1 } } }, "invalid-input"],
  ["no number", { change: { metrics: { ...metrics, memoryPercent: Number.NaN } } }, "invalid-input"],
  ["a number as text", { change: { metrics: { ...metrics, cpuPercent: "1" } } }, "invalid-input"],
  ["half a tenant", { change: { metrics: { ...metrics, tenantCount: 1.5 } } }, "invalid-input"],
  ["more tenants than fit", { change: { metrics: { ...metrics, tenantCount: 51 } } }, "invalid-input"],
  ["no metrics", { change: { metrics: null } }, "invalid-input"],
  ["an unknown status", { change: { status: "fine" } }, "invalid-input"],
  ["a version that is a page", { change: { version: "<script>" } }, "invalid-input"],
  ["a time that is none", { change: { timestamp: "yesterday" } }, "invalid-input"],
  ["a time without milliseconds", { change: { timestamp: "2026-01-01T00:16:40Z" } }, "invalid-input"],
  ["5 minutes old", { change: { timestamp: ago(300) } }, "accepted"],
  ["older", { change: { timestamp: ago(301) } }, "invalid-input"],
  ["30 seconds ahead", { change: { timestamp: ago(-30) } }, "accepted"],
  ["further ahead", { change: { timestamp: ago(-31) } }, "invalid-input"],
])("a report with %s", async (_, wrong, expected) => {
  const fleet = await aReporting();
  expect(await send(fleet, wrong)).toBe(expected);
  const isKnown = wrong.path === undefined;
  const refused = (await fleet.one(id)).refusedReports;
  expect(refused?.count).toBe(expected !== "accepted" && isKnown ? 1 : undefined);
});

test("signed, but no JSON", async () => {
  const fleet = await aReporting();
  const signature = signReport(fleet.key(id), seconds(fleet), "{");
  await expect(fleet.receiveReport({ instanceId: id, body: "{", signature })).rejects.toMatchObject({
    code: "invalid-input",
  });
});

test("an unknown instance is answered like a wrong signature, word for word", async () => {
  const fleet = await aReporting();
  const answerTo = (instanceId: string) =>
    fleet.receiveReport({ instanceId, body: "{}", signature: signReport("x", seconds(fleet), "{}") }).catch(String);
  expect(await answerTo("stack-nobody")).toBe(await answerTo(id));
});

test("a report shows in the fleet, and the same one again does nothing, not even as a sign of life", async () => {
  const fleet = await aReporting();
  const report: HealthReport = fleet.reportOf(id, { version: "0.41.0" });
  const body = JSON.stringify(report);
  const signature = signReport(fleet.key(id), seconds(fleet), body);
  await fleet.receiveReport({ instanceId: id, body, signature });
  const first = await fleet.one(id);
  expect(first).toMatchObject({ health: "healthy", version: "0.41.0", metrics: report.metrics });
  fleet.advance(60);
  await fleet.receiveReport({ instanceId: id, body, signature });
  expect((await fleet.one(id)).lastReportAt).toBe(first.lastReportAt);
});

test("reports out of order do not take the state back", async () => {
  const fleet = await aReporting();
  const older = fleet.reportOf(id, { status: "healthy" });
  fleet.advance(5);
  await fleet.report(id, { status: "degraded", checks: { storage: "failed" } });
  await fleet.report(id, older);
  expect(await fleet.one(id)).toMatchObject({
    health: "degraded",
    healthCause: "It reports itself degraded: storage failed.",
  });
});

test("an instance whose clock is behind is news, but no sign of life", async () => {
  const fleet = await aReporting();
  await fleet.report(id, { timestamp: ago(200) });
  expect(await fleet.one(id)).toMatchObject({ health: "unknown", metrics: { tenantCount: 3 } });
});

test("keys are looked up once in a while, and strangers cost nothing but that", async () => {
  const fleet = await aReporting();
  for (let count = 0; count < 50; count += 1) {
    fleet.advance(0.1);
    await fleet.report(id);
    await send(fleet, { path: `stack-nobody-${count}` });
  }
  expect(fleet.secrets.reads()).toBe(1);
});

const notSigned = "The report is not signed with this instance's key.";
const notItself = "An instance reports for itself only: instanceId is not the one in the path.";

/** A fleet that counts the writes to the documents of refusals. */
const aCountingFleet = async () => {
  const kept = sqliteDocumentStore(":memory:");
  const state = { writes: 0, isDown: false };
  const counted =
    <A extends readonly [Document, ...unknown[]], T>(write: (...values: A) => Promise<T>) =>
    (...values: A): Promise<T> => {
      if (values[0].id !== "refusals") return write(...values);
      state.writes += 1;
      return state.isDown ? Promise.reject(new Error("The store is down.")) : write(...values);
    };
  const documents: DocumentStore = {
    ...kept,
    container: (definition, parse) => {
      const container = kept.container(definition, parse);
      return {
        ...container,
        create: counted((value) => container.create(value)),
        replace: counted((value, etag: string) => container.replace(value, etag)),
      };
    },
  };
  const fleet = aFleet({ documents });
  await fleet.addInstance(id);
  await fleet.addInstance("stack-other");
  fleet.advance(1_000);
  return { fleet, state };
};

test("every refusal of a flood is counted by its reason within a window, with a handful of writes", async () => {
  const { fleet, state } = await aCountingFleet();
  for (let count = 0; count < 1_000; count += 1) await send(fleet, { signature: () => null });
  for (let count = 0; count < 3; count += 1) await send(fleet, { change: { instanceId: "stack-other" } });
  // Every reason is there at once, also if this process ended now.
  const at = fleet.clock().toISOString();
  expect((await fleet.one(id)).refusedReports).toMatchObject({
    count: 1_001,
    reasons: [{ reason: notItself }, { reason: notSigned }],
  });
  // Nothing else is sent.
  fleet.advance(5);
  const reasons = [
    { reason: notItself, count: 3, lastAt: at },
    { reason: notSigned, count: 1_000, lastAt: at },
  ];
  await expect.poll(async () => (await fleet.one(id)).refusedReports).toMatchObject({ count: 1_003, lastAt: at });
  const seen = (await fleet.one(id)).refusedReports?.reasons ?? [];
  expect(seen.toSorted((one, other) => one.count - other.count)).toEqual(reasons);
  expect(state.writes).toBeLessThan(10);
  expect((await fleet.one("stack-other")).refusedReports).toBeUndefined();
});

test("refusals are counted when the store works again", async () => {
  const { fleet, state } = await aCountingFleet();
  await send(fleet, { signature: () => null });
  await send(fleet, { signature: () => null });
  state.isDown = true;
  fleet.advance(5);
  await expect.poll(() => state.writes).toBeGreaterThan(1);
  state.isDown = false;
  await expect
    .poll(async () => {
      fleet.advance(5);
      return (await fleet.one(id)).refusedReports?.count;
    })
    .toBe(2);
});

test("of very many reasons all but the latest are summed up, with a bounded number of writes", async () => {
  const { fleet, state } = await aCountingFleet();
  /** Fifty ways in which the figures and the state are wrong together, each with a reason of its own. */
  const wrong = async () => {
    for (let way = 1; way <= 50; way += 1) {
      const [cpuPercent = 1, memoryPercent = 1, tenantCount = 1] = [1, 3, 9].map(
        (unit) => [1, -1, 101][Math.floor(way / unit) % 3],
      );
      const status = way < 27 ? "healthy" : "fine";
      await send(fleet, { change: { status, metrics: { cpuPercent, memoryPercent, tenantCount } } });
    }
    fleet.advance(5);
  };
  await wrong();
  await expect.poll(async () => (await fleet.one(id)).refusedReports?.count).toBe(50);
  // The window without news, which is the last.
  fleet.advance(5);
  await new Promise(setImmediate);
  await wrong();
  await expect.poll(async () => (await fleet.one(id)).refusedReports?.count).toBe(100);
  const { reasons = [] } = (await fleet.one(id)).refusedReports ?? {};
  expect([reasons.length, reasons.reduce((sum, { count }) => sum + count, 0)]).toEqual([10, 100]);
  expect(reasons.find(({ reason }) => reason === "other reasons")?.count).toBeGreaterThan(80);
  expect(state.writes).toBeLessThan(30);
});

test("of reports that arrive together the newest stays", async () => {
  const fleet = await aReporting();
  const sent = Array.from({ length: 20 }, (_, index) =>
    fleet.report(id, { timestamp: ago(20 - index), metrics: { ...metrics, tenantCount: index } }),
  );
  await Promise.all(sent);
  expect((await fleet.one(id)).metrics?.tenantCount).toBe(19);
});
