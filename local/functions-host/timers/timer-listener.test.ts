import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RpcTypedData } from "../core/rpc.ts";
import { parseSchedule } from "./schedule.ts";
import { TimerListener, type TimerListenerOptions } from "./timer-listener.ts";
import { readTimerStatus, writeTimerStatus } from "./timer-status.ts";

interface Run {
  readonly at: number;
  readonly timer: { readonly IsPastDue: boolean; readonly ScheduleStatus: { readonly Next: string } | null };
}

describe("a running timer", () => {
  let directory: string;
  let listeners: TimerListener[];
  let runs: Run[];

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "timers-"));
    runs = [];
    listeners = [];
  });
  afterEach(async () => {
    for (const listener of listeners) listener.stop();
    await rm(directory, { recursive: true });
  });

  const record = (timer: RpcTypedData): Promise<void> => {
    runs.push({ at: Date.now(), timer: JSON.parse(timer.json ?? "") as Run["timer"] });
    return Promise.resolve();
  };

  const start = async (schedule: string, options: Partial<TimerListenerOptions> = {}): Promise<void> => {
    const listener = new TimerListener({
      functionName: "tick",
      schedule: parseSchedule(schedule),
      isMonitored: false,
      runOnStartup: false,
      statusDirectory: directory,
      run: record,
      log: () => undefined,
      ...options,
    });
    listeners.push(listener);
    await listener.start();
  };

  const waitForRuns = (count: number): Promise<void> =>
    vi.waitFor(() => expect(runs.length).toBeGreaterThanOrEqual(count), { timeout: 8000, interval: 10 });

  it("runs on every occurrence and never early", async () => {
    await start("* * * * * *");
    await waitForRuns(3);
    for (const { at } of runs) expect(at % 1000).toBeLessThan(500);
    const seconds = runs.map(({ at }) => Math.floor(at / 1000));
    expect(new Set(seconds).size).toBe(seconds.length);
  });

  it("makes up for what it missed during a long run only once", async () => {
    await start("00:00:00.1", {
      run: async (timer) => {
        const isFirst = runs.length === 0;
        await record(timer);
        if (isFirst) await new Promise((resolve) => setTimeout(resolve, 550));
      },
    });
    await waitForRuns(4);
    const [, second, third, fourth] = runs.map(({ at }) => at);
    expect(third! - second!).toBeGreaterThanOrEqual(99);
    expect(fourth! - third!).toBeGreaterThanOrEqual(99);
  });

  it("never runs twice at a time", async () => {
    let running = 0;
    let most = 0;
    await start("00:00:00.05", {
      run: async (timer) => {
        running += 1;
        most = Math.max(most, running);
        await record(timer);
        await new Promise((resolve) => setTimeout(resolve, 200));
        running -= 1;
      },
    });
    await waitForRuns(4);
    expect(most).toBe(1);
  });

  it("goes on after an error", async () => {
    const log = vi.fn<(message: string) => void>();
    await start("00:00:00.02", {
      log,
      run: async (timer) => {
        await record(timer);
        throw new Error("broken tick");
      },
    });
    await waitForRuns(2);
    expect(log).toHaveBeenCalledWith(expect.stringContaining("broken tick"));
  });

  it("makes up for a missed run at once, and remembers the next one", async () => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    const schedule = parseSchedule("0 * * * * *");
    const stored = { last: hourAgo, next: schedule.nextAfter(hourAgo), lastUpdated: hourAgo };
    await writeTimerStatus(directory, "tick", stored);
    await start("0 * * * * *", { isMonitored: true });
    await waitForRuns(1);
    expect(runs[0]?.timer.IsPastDue).toBe(true);
    expect(runs[0]?.timer.ScheduleStatus?.Next).toBe(stored.next.toISOString());
    await vi.waitFor(async () => {
      const status = await readTimerStatus(directory, "tick");
      expect(status?.next.getTime()).toBeGreaterThan(Date.now() - 1000);
    });
  });

  it("runs at once when asked to, and not past due", async () => {
    await start("01:00:00", { runOnStartup: true });
    await waitForRuns(1);
    expect(runs[0]?.timer.IsPastDue).toBe(false);
  });

  it("does not take a wait longer than setTimeout can for no wait at all", async () => {
    await start("40.00:00:00");
    await start("00:00:00.1");
    await waitForRuns(2);
    expect(runs[1]!.at - runs[0]!.at).toBeGreaterThanOrEqual(99);
  });

  it("runs no more once stopped", async () => {
    await start("00:00:00.02");
    await waitForRuns(1);
    listeners[0]?.stop();
    const before = runs.length;
    let witness = 0;
    await start("00:00:00.02", { run: () => Promise.resolve((witness += 1)) });
    await vi.waitFor(() => expect(witness).toBeGreaterThan(5), { timeout: 2000 });
    expect(runs.length).toBe(before);
  });
});
