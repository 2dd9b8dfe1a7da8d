import { describe, expect, it } from "vitest";
import type { FleetView } from "../../shared/health/fleet-view.ts";
import { aFleetInstance, aFleetView } from "../../tests/support/fleet-view.ts";
import { confirmation } from "./confirmations.ts";
import { fleetPage } from "./fleet-page.ts";
import { runsOf } from "./history-strip.ts";
import { linePath } from "./latency-line.ts";
import { stateWords } from "./words.ts";

const render = (view: FleetView, more: Partial<Parameters<typeof fleetPage>[0]> = {}): string =>
  fleetPage({ view, formToken: "form-token-of-this-session", defaultRegion: "westeurope", ...more }).toString();
const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;

const operation: FleetView["operations"][number] = {
  id: "operation-9",
  kind: "provision-instance",
  subject: "stack-westeurope-2",
  status: "running",
  steps: [
    { name: "deploy", state: "done", at: null },
    { name: "prepare", state: "running", at: null },
  ],
  progress: { done: 1, total: 2 },
  error: null,
  plan: "It would make 4 resources.",
  isCancelRequested: false,
  allowedActions: ["cancel"],
  deadlineAt: "2026-03-01T12:20:00.000Z",
  createdAt: "2026-03-01T11:50:00.000Z",
  updatedAt: "2026-03-01T11:55:00.000Z",
};

describe("fleetPage", () => {
  it("says of an instance what an operator asks", () => {
    const text = textOf(render(aFleetView()));
    for (const fact of ["Healthy", "37 / 50", "scales out at 45", "p50 3.3 ms", "p95 18 ms", "version 0.40.4"]) {
      expect(text).toContain(fact);
    }
    expect(text).toContain("Report 12 s ago");
    expect(text).toContain("1 instance is healthy.");
    expect(render(aFleetView())).toContain("offline 5 minutes, healthy 75 minutes.");
  });

  it.each(["healthy", "degraded", "failing", "stale", "offline", "unknown"] as const)(
    "shows %s as a word with a shape of its own",
    (health) => {
      const page = render(aFleetView({ instances: [aFleetInstance({ health, healthCause: "Because." })] }));
      expect(page).toMatch(new RegExp(`state is-${health}"[^>]*>\\s*<svg`));
      expect(textOf(page)).toContain(stateWords[health]);
      expect(textOf(page)).toContain("Because.");
    },
  );

  it.each([
    [{ status: "provisioning" }, "Provisioning"],
    [{ status: "retiring" }, "Retiring"],
    [{ status: "failed", failure: "No quota." }, "No quota."],
    [
      {
        isInMaintenance: true,
        maintenanceSince: "2026-03-01T11:59:00.000Z",
        healthSince: "2026-03-01T11:00:00.000Z",
      },
      "Maintenance since 60 s ago",
    ],
    [{ lastReportAt: null, version: null, metrics: null }, "No report yet"],
    [{ latency: { p50: null, p95: null, series: [] } }, "No answers yet"],
    [
      { refusedReports: { count: 2, lastAt: "2026-03-01T12:00:00.000Z", lastReason: "Too old.", reasons: [] } },
      "2 reports refused, last 0 s ago : Too old.",
    ],
    [
      {
        refusedReports: {
          ...{ count: 101, lastAt: "2026-03-01T12:00:00.000Z", lastReason: "Too old." },
          reasons: [
            { reason: "Too old.", count: 1, lastAt: "2026-03-01T12:00:00.000Z" },
            { reason: "Not signed.", count: 100, lastAt: "2026-03-01T11:59:00.000Z" },
          ],
        },
      },
      "101 reports refused, last 0 s ago : 1 × Too old. 100 × Not signed.",
    ],
  ] as const)("shows %j", (change, word) => {
    expect(textOf(render(aFleetView({ instances: [aFleetInstance(change)] })))).toContain(word);
  });

  it("offers only what can be done", () => {
    const links = (change: Parameters<typeof aFleetInstance>[0]): readonly string[] =>
      [...render(aFleetView({ instances: [aFleetInstance(change)] })).matchAll(/\/admin\/confirm\/(\w+)\?id/g)].map(
        ([, name]) => name ?? "",
      );
    expect(links({})).toEqual(["drain"]);
    expect(links({ used: 0 })).toEqual(["drain", "retire"]);
    expect(links({ status: "draining", used: 0 })).toEqual(["undrain", "retire"]);
    expect(links({ status: "retiring" })).toEqual([]);
  });

  it("shows operations with steps, and cancel or retry where that is allowed", () => {
    const failed = { ...operation, id: "operation-10", status: "failed" as const, allowedActions: ["retry" as const] };
    const view = aFleetView({ operations: [operation, failed], oldestUnfinished: operation, waitingTenants: 3 });
    const page = render(view);
    expect(page).toContain("/admin/confirm/cancel?id=operation-9");
    expect(page).toContain('action="/admin/actions/retry"');
    expect(textOf(page)).toContain("It would make 4 resources.");
    expect(textOf(page)).toMatch(/deploy \(done\).*prepare \(under way\)/);
    expect(textOf(page)).toMatch(/Oldest unfinished operation 10 min.*Tenants that wait for room 3/);
    const ofTenant = render(aFleetView({ operations: [{ ...operation, kind: "provision-tenant" }] }));
    expect(ofTenant).not.toContain("/admin/confirm/cancel");
  });

  it("says what is there when there is nothing", () => {
    const text = textOf(render(aFleetView({ instances: [] })));
    for (const word of ["There is no instance yet", "No incident so far", "Nothing is under way", "No maintenance"]) {
      expect(text).toContain(word);
    }
  });

  it("escapes whatever others have named", () => {
    const at = "2026-03-01T11:00:00.000Z";
    const page = render(
      aFleetView({
        instances: [aFleetInstance({ id: hostile, failure: hostile, version: hostile })],
        incidents: [
          { id: hostile, instanceId: hostile, state: "open", health: "offline", cause: hostile, openedAt: at } as const,
        ].map((incident) => ({ ...incident, acknowledgedAt: at, acknowledgedBy: hostile, resolvedAt: null })),
        maintenance: [{ id: hostile, instanceId: hostile, from: at, until: at, reason: hostile }],
        operations: [
          { ...operation, subject: hostile, status: "failed", error: { code: hostile, detail: hostile } },
          { ...operation, id: hostile, steps: [{ name: hostile, state: "failed", at: null }] },
        ],
      }),
      { flash: { isGood: false, text: hostile }, typed: { reason: hostile, from: hostile } },
    );
    expect(page).not.toMatch(/<script|<img|onerror='/);
    expect(confirmation("retire", { id: hostile }, "t").content.toString()).not.toMatch(/<script|<img/);
  });

  it("has nothing inline, and a form token in every form that acts", () => {
    const page = render(aFleetView({ operations: [operation] }));
    expect(page).not.toMatch(/\sstyle=|<style|\son\w+=/);
    for (const [form] of page.matchAll(/<form[^>]*method="post"[\s\S]*?<\/form>/g)) {
      expect(form).toContain('name="formToken" value="form-token-of-this-session"');
    }
  });
});

it("joins neighbouring steps of one state", () => {
  const steps = (["healthy", "healthy", "offline", "healthy"] as const).map((state, index) => ({
    from: String(index),
    state,
  }));
  expect(runsOf(steps).map(({ state, steps: count }) => [state, count])).toEqual([
    ["healthy", 2],
    ["offline", 1],
    ["healthy", 1],
  ]);
});

it("leaves gaps where nobody answered", () => {
  expect(linePath([1, null, 2])).toBe("M0.0 14.0l0 0M120.0 2.0l0 0");
  expect(linePath([])).toBe("");
});
