import { afterEach, describe, expect, it } from "vitest";
import type { RunHost } from "../../../tests/support/run-host.ts";
import { aRunHost, aRunningSimulation, aThreeTierLab } from "../../../tests/support/run-host.ts";
import { aStanding } from "../../../tests/support/sim-host.ts";
import type { Assertion, Topology } from "../../topology/topology.ts";
import type { Run } from "../run.ts";
import { reportPage } from "./report-page.ts";
import { metaPolicy } from "./report-style.ts";

const acme = aStanding("acme");
const anAssertion = (name: string, expected: Assertion["expect"], until: number): Assertion => ({
  ...{ name, expect: expected, fromSeconds: 0, untilSeconds: until },
  probe: { kind: "http", from: "client", to: "web", port: 80, path: "/", status: 200 },
});

const hosts: RunHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(({ runs }) => runs.close()));
});

/** The run of that topology after so many seconds. */
const aRun = async (topology: Topology, seconds: number): Promise<Run> => {
  const host = aRunHost();
  hosts.push(host);
  const id = await aRunningSimulation(host, topology);
  const { id: runId } = host.runs.start(acme, id);
  await host.time.playTo(seconds * 1_000);
  return host.runs.get(acme, id, runId);
};
const textOf = (page: string): string =>
  page
    .slice(page.indexOf("<body>"))
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("the page of a run", () => {
  const lab = aThreeTierLab({
    timeline: [{ kind: "link", link: "front", state: "down", atSeconds: 2, forSeconds: 2 }],
    assertions: [anAssertion("web answers", "always", 5), anAssertion("web ever answers", "eventually", 5)],
  });

  it("says the verdict first, then why, and everything that was seen", async () => {
    const run = await aRun(lab, 6);
    const text = textOf(reportPage(run));
    expect(text.indexOf("Failed")).toBeLessThan(text.indexOf("Timeline"));
    expect(text).toContain("Failed Not as expected: web answers.");
    expect(text).toContain("Assertions passed 1 of 2");
    expect(text).toContain("Not reached at 2 s (no answer), though always was expected.");
    expect(text).toContain("0 s to 1 s: connected, 2 probes, at most 1 ms");
    expect(text).toContain("End of front: down");
    expect(text).toContain("Seed 1");
    expect(text).toContain(`POST /v1/simulations/${run.simulationId}/runs`);
    expect(text).not.toMatch(/undefined|null|NaN|\[object/);
  });

  it("says of a run under way what is known so far", async () => {
    const text = textOf(reportPage(await aRun(lab, 3)));
    expect(text).toContain("Running It is under way: what follows is what is known so far.");
    expect(text).toContain("Planned");
    expect(text).not.toMatch(/undefined|null|NaN/);
  });

  it("has no script, and names its style by digest", async () => {
    const page = reportPage(await aRun(lab, 6));
    expect(page).not.toMatch(/<script|javascript:| on\w+=| style=/);
    expect(page).toContain(metaPolicy.replaceAll("'", "&#39;"));
  });

  it("shows what people wrote as they wrote it, and never as markup", async () => {
    const name = `<img src=x onerror="alert(1)"> & 'co'`;
    const page = reportPage(await aRun({ ...lab, name, assertions: [anAssertion(name, "eventually", 5)] }, 6));
    expect(page).not.toContain("<img");
    expect(page).toContain("<h1>&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;co&#39;</h1>");
  });

  it("of the largest run there can be stays small enough to be opened", async () => {
    const run = await aRun(lab, 6);
    const probes = Array.from({ length: 100 }, (_, index) => ({
      ...{ atSeconds: index * 72, isReached: index % 2 === 0, milliseconds: 3, detail: "connected" },
    }));
    const [first] = run.assertions;
    if (first === undefined) throw new Error("no assertion");
    const assertions = Array.from({ length: 200 }, (_, index) => ({ ...first, name: `number ${index}`, probes }));
    const startedAt = performance.now();
    const page = reportPage({ ...run, durationSeconds: 7_200, assertions });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(page.length).toBeLessThan(3_000_000);
  });
});
