import fc from "fast-check";
import { expect, test } from "vitest";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { testContention } from "../../tests/support/builders.ts";
import { openHistoryStore } from "./history-store.ts";
import type { OpenHistory } from "./history.ts";
import { emptyHistory, recordFinding, spans, tiers } from "./history.ts";
import { historyView } from "./history-view.ts";
import { addLatency, percentile, sumOf } from "./latency.ts";
import type { LatencyCounts } from "./latency.ts";

const counted = (values: readonly number[]): LatencyCounts =>
  values.reduce<LatencyCounts>((counts, value) => addLatency(counts, value), []);

test("percentiles are exact to 2.5 % and half a millisecond, also after adding up steps", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 3_000, noNaN: true }), { minLength: 1 }), fc.nat(), (values, cut) => {
      const at = cut % values.length;
      const counts = sumOf([counted(values.slice(0, at)), counted(values.slice(at))]);
      for (const share of [0.5, 0.95]) {
        const exact = values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? 0;
        expect(Math.abs((percentile(counts, share) ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.026 + 0.5);
      }
    }),
  );
});

test("there is no percentile of nothing", () => {
  expect(percentile([], 0.5)).toBeNull();
});

const at = (text: string) => `2026-01-01T${text}.000Z`;

test("a step shows the worst it saw; maintenance hides health, not trouble", () => {
  const history = (["healthy", "maintenance", "healthy"] as const).reduce<OpenHistory>(
    (before, state) => recordFinding(before, { at: at("10:00:10"), state, latencyMilliseconds: 10 }),
    emptyHistory,
  );
  expect(history.minutes?.state).toBe("maintenance");
  const worse = recordFinding(history, { at: at("10:00:50"), state: "offline", latencyMilliseconds: null });
  expect(worse.minutes).toMatchObject({ from: at("10:00:00"), state: "offline" });
  expect(worse.hours?.state).toBe("offline");
});

test("steps close one by one, and a finding of a step that is over is left out", () => {
  const finding = { state: "healthy" as const, latencyMilliseconds: 10 };
  const first = recordFinding(emptyHistory, { ...finding, at: at("10:59:50") });
  const second = recordFinding(first, { ...finding, at: at("11:00:00") });
  expect(second.closed.map(({ span, bucket }) => [span, bucket.from])).toEqual([
    ["minutes", at("10:59:00")],
    ["hours", at("10:00:00")],
  ]);
  const late = recordFinding(second, { ...finding, at: at("10:59:55"), state: "offline" });
  expect(late.minutes).toEqual(second.minutes);
});

test("what waits to be put away is bounded", () => {
  let history = emptyHistory;
  for (let minute = 0; minute < 500; minute += 1) {
    const instant = new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
    history = recordFinding(history, { at: instant, state: "healthy", latencyMilliseconds: 1 });
  }
  expect(history.closed.length).toBeLessThanOrEqual(120);
});

test("a step is put away once, whoever does it how often", async () => {
  const store = openHistoryStore(sqliteDocumentStore(":memory:"), testContention);
  const steps = [0, 1, 2].map((minute) => ({ from: at(`10:0${minute}:00`), state: "healthy" as const, latency: [] }));
  await Promise.all([store.keep("stack-1", "minutes", steps), store.keep("stack-1", "minutes", steps)]);
  const [chunk, ...others] = await store.since("minutes", at("10:30:00"));
  expect(others).toEqual([]);
  expect(chunk?.buckets).toEqual(steps);
});

test.each(spans)("%s: 90 steps up to now, with gaps where nobody looked", (span) => {
  const now = at("12:34:56");
  const before = new Date(Date.parse(now) - 2 * tiers[span].stepMilliseconds).toISOString();
  const seen = recordFinding(emptyHistory, { at: before, state: "failing", latencyMilliseconds: null });
  const open = recordFinding(seen, { at: now, state: "healthy", latencyMilliseconds: 100 });
  const { history, latency } = historyView(span, now, open, []);
  expect(history).toHaveLength(90);
  expect(history.slice(-4).map(({ state }) => state)).toEqual(["none", "failing", "none", "healthy"]);
  expect(latency.series).toHaveLength(90);
  expect(latency.series.at(-1)).toBe(latency.p50);
  expect(latency.series.at(-3)).toBeNull();
});
