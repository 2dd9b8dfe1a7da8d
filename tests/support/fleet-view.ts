import type { FleetInstance, FleetView } from "../../shared/health/fleet-view.ts";
import { historySteps } from "../../shared/health/fleet-view.ts";

const fleetNow = "2026-03-01T12:00:00.000Z";

/** An instance as the dashboard gets it; healthy unless said otherwise. */
export const aFleetInstance = (change: Partial<FleetInstance> = {}): FleetInstance => ({
  id: "stack-westeurope-1",
  region: "westeurope",
  mode: "SHARED",
  status: "active",
  failure: null,
  health: "healthy",
  healthSince: "2026-03-01T11:00:00.000Z",
  healthCause: null,
  isInMaintenance: false,
  maintenanceSince: null,
  used: 37,
  capacity: 50,
  scaleOutAt: 45,
  version: "0.40.4",
  lastReportAt: "2026-03-01T11:59:48.000Z",
  lastProbeAt: "2026-03-01T11:59:50.000Z",
  metrics: { cpuPercent: 12.4, memoryPercent: 40, tenantCount: 37 },
  latency: { p50: 3.25, p95: 18, series: [1, null, 3, 4, null, 6] },
  history: Array.from({ length: historySteps }, (_, index) => ({
    from: new Date(Date.parse(fleetNow) - (historySteps - index) * 60_000).toISOString(),
    state: index < 10 ? ("none" as const) : index < 15 ? ("offline" as const) : ("healthy" as const),
  })),
  operationId: "operation-1",
  ...change,
});

export const aFleetView = (change: Partial<FleetView> = {}): FleetView => ({
  generatedAt: fleetNow,
  span: "minutes",
  instances: [aFleetInstance()],
  incidents: [],
  maintenance: [],
  operations: [],
  oldestUnfinished: null,
  waitingTenants: 0,
  ...change,
});
