import { afterEach, describe, expect, it } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { RunHost } from "../../tests/support/run-host.ts";
import { aRunHost, aRunningSimulation, aThreeTierLab } from "../../tests/support/run-host.ts";
import type { Assertion, TimelineEvent, Topology } from "../topology/topology.ts";
import type { Prober } from "./ports.ts";
import type { Run } from "./run.ts";

const acme = aStanding("acme");
const lossOf = (from: number, seconds: number): TimelineEvent => ({
  ...{ kind: "impair", link: "front", atSeconds: from, forSeconds: seconds, impairment: { lossPercent: 100 } },
});
const webIs = (expected: Assertion["expect"], from: number, until: number): Assertion => ({
  name: `web ${expected} ${from}`,
  probe: { kind: "tcp", from: "client", to: "web", port: 80 },
  ...{ expect: expected, fromSeconds: from, untilSeconds: until },
});

const hosts: RunHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(({ runs }) => runs.close()));
});

const aPlayed = async (topology: Topology, parts: Parameters<typeof aRunHost>[0] = {}) => {
  const host = aRunHost(parts);
  hosts.push(host);
  const id = await aRunningSimulation(host, topology);
  const { id: runId } = host.runs.start(acme, id);
  const now = (): Run => host.runs.get(acme, id, runId);
  const toEnd = async (): Promise<Run> => {
    while (now().status === "running") await host.time.playTo(host.time.nowMilliseconds() + 1_000);
    return now();
  };
  return { host, id, runId, now, toEnd };
};

describe("playing a run", () => {
  it("plays ten minutes of faults in no time, and passes when everything is as expected", async () => {
    const { toEnd, host, id } = await aPlayed(
      aThreeTierLab({
        timeline: [lossOf(300, 60), { kind: "node", node: "web", action: "kill", atSeconds: 480 }],
        assertions: [
          webIs("always", 0, 300),
          webIs("never", 300, 360),
          webIs("always", 360, 480),
          webIs("never", 480, 600),
        ],
      }),
    );
    const run = await toEnd();
    expect(run.assertions.map(({ name, verdict, reason }) => [name, verdict, reason])).toEqual([
      ["web always 0", "passed", "Reached by 300 probes, as expected."],
      ["web never 300", "passed", "Not reached by 60 probes, as expected."],
      ["web always 360", "passed", "Reached by 120 probes, as expected."],
      ["web never 480", "passed", "Not reached by 120 probes, as expected."],
    ]);
    expect(run).toMatchObject({ status: "passed", durationSeconds: 600, seed: 1 });
    expect(run.faults.map(({ what, isUndoing, outcome }) => [what, isUndoing, outcome])).toEqual([
      ["front: 100 % lost", false, "done"],
      ["front: 100 % lost", true, "done"],
      ["web: kill", false, "done"],
    ]);
    for (const { plannedAtSeconds, happenedAtSeconds } of run.faults) expect(happenedAtSeconds).toBe(plannedAtSeconds);
    await host.reconciler.settled("acme", id);
    expect(host.services.get(acme, id).nodes.map(({ state }) => state)).toEqual(["running", "running", "running"]);
  });

  it("fails with a reason when something is seen that was not expected", async () => {
    const { toEnd } = await aPlayed(
      aThreeTierLab({ timeline: [lossOf(2, 3)], assertions: [webIs("always", 0, 4), webIs("never", 4, 8)] }),
    );
    const run = await toEnd();
    expect(run.status).toBe("failed");
    expect(run.reason).toBe("Not as expected: web always 0, web never 4.");
    expect(run.assertions.map(({ reason }) => reason)).toEqual([
      "Not reached at 2 s (no answer), though always was expected.",
      "Reached at 5 s (connected), though never was expected.",
    ]);
  });

  it("leaves links as the topology has them, also those that the timeline never puts right", async () => {
    const { toEnd, host, id } = await aPlayed(
      aThreeTierLab({
        timeline: [
          { kind: "link", link: "back", state: "down", atSeconds: 1 },
          { kind: "impair", link: "front", from: "client", atSeconds: 1, impairment: { lossPercent: 5 } },
          { kind: "node", node: "db", action: "pause", atSeconds: 1 },
        ],
      }),
    );
    const before = host.services.get(acme, id).links;
    await host.time.playTo(1_000);
    await toEnd();
    await host.reconciler.settled("acme", id);
    const after = host.services.get(acme, id);
    expect(after.links).toEqual(before);
    expect(after.nodes.map(({ state }) => state)).toEqual(["running", "running", "running"]);
  });

  it("begins from the topology's own state, whatever was changed by hand", async () => {
    const host = aRunHost();
    hosts.push(host);
    const id = await aRunningSimulation(host, aThreeTierLab({ assertions: [webIs("always", 0, 2)] }));
    await host.services.changeLink(acme, id, "front", { isDown: true });
    await host.services.controlNode(acme, id, "web", "kill");
    await host.reconciler.settled("acme", id);
    const { id: runId } = host.runs.start(acme, id);
    await host.time.playTo(3_000);
    expect(host.runs.get(acme, id, runId).status).toBe("passed");
  });

  it("tells what happens as it happens", async () => {
    const { toEnd, host, id } = await aPlayed(
      aThreeTierLab({ timeline: [lossOf(1, 1)], assertions: [webIs("eventually", 0, 3)] }),
    );
    await toEnd();
    const told = host.file.forTenant("acme").listEvents(id, 0, 100);
    const texts = told.filter(({ kind }) => ["run", "fault", "assertion"].includes(kind)).map(({ text }) => text);
    expect(texts).toEqual([
      "A run of 3 s begins",
      "web eventually 0: passed. Reached at 0 s (connected).",
      "front: 100 % lost",
      "front: 100 % lost is over",
      "The run passed. Everything was as expected.",
    ]);
  });

  it("says a verdict as soon as its time is over, to those who follow and in the record, and says it once", async () => {
    const { toEnd, now, host, id } = await aPlayed(
      aThreeTierLab({ assertions: [webIs("always", 0, 3), webIs("never", 1, 4), webIs("always", 2, 20)] }),
    );
    const verdicts = (): readonly string[] => now().assertions.map(({ verdict }) => verdict);
    const told = (): readonly string[] =>
      host.file
        .forTenant("acme")
        .listEvents(id, 0, 100)
        .flatMap(({ kind, text }) => (kind === "assertion" ? [text] : []));
    await host.time.playTo(2_999);
    expect(verdicts()).toEqual(["open", "failed", "open"]);
    expect(now().assertions[2]?.reason).toBe("Reached by one probe so far.");
    await host.time.playTo(3_000);
    expect(verdicts()).toEqual(["passed", "failed", "open"]);
    expect(host.runs.list(acme, id)[0]?.assertions).toEqual({ open: 1, passed: 1, failed: 1, notProbed: 0 });
    const early = [
      "web never 1: failed. Reached at 1 s (connected), though never was expected.",
      "web always 0: passed. Reached by 3 probes, as expected.",
    ];
    expect(told()).toEqual(early);
    await toEnd();
    expect(told()).toEqual([...early, "web always 2: passed. Reached by 18 probes, as expected."]);
  });

  it("waits with a verdict for the last probes, which take as long as the assertion has time", async () => {
    const answers: (() => void)[] = [];
    const prober: Prober = {
      prepare: () => Promise.resolve(),
      probe: () =>
        new Promise((resolve) =>
          answers.push(() =>
            resolve({ isReached: false, milliseconds: 1_000, detail: "no answer", waitedMilliseconds: 0 }),
          ),
        ),
      close: () => Promise.resolve(),
    };
    const { now, toEnd, host } = await aPlayed(
      aThreeTierLab({ assertions: [webIs("never", 0, 2), webIs("never", 5, 9)] }),
      { prober },
    );
    await host.time.playTo(2_500);
    answers[0]?.();
    await host.time.playTo(2_600);
    expect(now().assertions[0]).toMatchObject({ verdict: "open", reason: "Not reached by one probe so far." });
    answers[1]?.();
    await host.time.playTo(2_700);
    expect(now().assertions[0]).toMatchObject({ verdict: "passed", reason: "Not reached by 2 probes, as expected." });
    await host.time.playTo(9_000);
    for (const answer of answers) answer();
    expect((await toEnd()).status).toBe("passed");
  });

  it("says when a fault did not happen", async () => {
    const { toEnd, host } = await aPlayed(
      aThreeTierLab({ timeline: [{ kind: "node", node: "db", action: "stop", atSeconds: 5 }] }),
    );
    host.engine.onCall = (name) => {
      if (name === "stop") throw new DomainError("unavailable", "the engine hangs");
    };
    const run = await toEnd();
    expect(run.faults[0]).toMatchObject({ outcome: "failed", happenedAtSeconds: null, reason: "db is running." });
    expect(run).toMatchObject({ status: "failed", reason: "Not everything happened: db: stop." });
  });

  it("counts probes that the host could not make as nothing seen", async () => {
    const prober = {
      prepare: () => Promise.resolve(),
      probe: () => Promise.reject(new Error("no room")),
      close: () => Promise.resolve(),
    };
    const { toEnd } = await aPlayed(aThreeTierLab({ assertions: [webIs("never", 0, 3)] }), { prober });
    const run = await toEnd();
    expect(run.assertions[0]).toMatchObject({
      ...{ verdict: "not-probed", missed: 3, probes: [] },
      reason: "Nothing was probed. The host could not make 3 probes.",
    });
    expect(run.status).toBe("failed");
  });
});

describe("the time that a probe has", () => {
  it("ends with its assertion's, and counts from when it was begun", async () => {
    const timeouts: number[] = [];
    const prober: Prober = {
      prepare: () => Promise.resolve(),
      probe(_container, _target, timeoutMilliseconds) {
        timeouts.push(timeoutMilliseconds);
        return Promise.resolve({ isReached: true, milliseconds: 1, detail: "connected", waitedMilliseconds: 250 });
      },
      close: () => Promise.resolve(),
    };
    const { toEnd } = await aPlayed(aThreeTierLab({ assertions: [webIs("always", 1, 4.5)] }), { prober });
    const run = await toEnd();
    expect(timeouts).toEqual([2_000, 2_000, 1_500]);
    expect(run.assertions[0]?.probes.map(({ atSeconds }) => atSeconds)).toEqual([1.25, 2.25, 3.25]);
  });

  it("leaves probes in the order of time, whichever is answered first", async () => {
    const answers: (() => void)[] = [];
    const answer = { isReached: true, milliseconds: 1, detail: "connected", waitedMilliseconds: 0 };
    const prober: Prober = {
      prepare: () => Promise.resolve(),
      probe: () => new Promise((resolve) => answers.push(() => resolve(answer))),
      close: () => Promise.resolve(),
    };
    const { now, toEnd, host } = await aPlayed(aThreeTierLab({ assertions: [webIs("always", 0, 4)] }), { prober });
    const seen = () => now().assertions[0]?.probes.map(({ atSeconds }) => atSeconds);
    await host.time.playTo(2_500);
    for (const [index, all] of [[1], [1, 2], [0, 1, 2]].entries()) {
      answers[[1, 2, 0][index] ?? 0]?.();
      await host.time.playTo(2_600 + index * 100);
      expect(seen()).toEqual(all);
    }
    await host.time.playTo(4_000);
    answers[3]?.();
    await toEnd();
    expect(seen()).toEqual([0, 1, 2, 3]);
  });
});

describe("the end of a run before its time", () => {
  const lab = aThreeTierLab({
    timeline: [lossOf(0, 100)],
    assertions: [webIs("never", 0, 100), webIs("never", 50, 90)],
  });

  it("comes when somebody cancels it: links are as before, and what was not seen to its end is not judged", async () => {
    const { host, id, runId, now } = await aPlayed(lab);
    await host.time.playTo(10_000);
    expect(host.links.ports.size).toBe(2);
    expect([...host.links.ports.values()].map(({ bySource }) => bySource[0]?.impairment.lossPercent)).toEqual([
      100, 100,
    ]);
    const run = await host.time.playUntil(host.runs.cancel(acme, id, runId));
    expect(run).toMatchObject({ status: "cancelled", reason: "It was cancelled." });
    expect(run.assertions.map(({ verdict }) => verdict)).toEqual(["not-probed", "not-probed"]);
    expect(run.faults.map(({ outcome }) => outcome)).toEqual(["done", "skipped"]);
    expect([...host.links.ports.values()].map(({ bySource }) => bySource[0]?.impairment)).toEqual([
      { delayMilliseconds: 10 },
      { delayMilliseconds: 10 },
    ]);
    expect(await host.runs.cancel(acme, id, runId)).toEqual(now());
  });

  it.each([
    ["stop", "The simulation was stopped."],
    ["pause", "The simulation was paused."],
  ] as const)("comes when the simulation is asked to %s", async (action, reason) => {
    const { host, id, toEnd } = await aPlayed(lab);
    await host.time.playTo(10_000);
    await host.services.control(acme, id, action);
    expect(await toEnd()).toMatchObject({ status: "cancelled", reason });
    expect(host.services.get(acme, id).links.map(({ directions }) => directions.length)).toEqual([2, 0]);
  });

  it("comes when the simulation is deleted, and nothing of it is left", async () => {
    const { host, id } = await aPlayed(lab);
    await host.time.playTo(10_000);
    await host.services.control(acme, id, "delete");
    await host.time.playUntil(host.reconciler.settled("acme", id));
    await host.time.playTo(11_000);
    expect(host.file.runs.host.listIds().size).toBe(0);
  });

  it("comes when the topology is changed", async () => {
    const { host, id, toEnd } = await aPlayed(lab);
    await host.time.playTo(10_000);
    await host.services.change(acme, id, JSON.stringify({ ...lab, seed: 2 }));
    expect(await toEnd()).toMatchObject({ status: "cancelled", reason: "The topology was changed." });
  });

  it("comes after two hours", async () => {
    const longLab = aThreeTierLab({ assertions: [webIs("always", 7_195, 9_000), webIs("eventually", 8_000, 9_000)] });
    const { toEnd } = await aPlayed(longLab);
    const run = await toEnd();
    expect(run.durationSeconds).toBe(7_200);
    expect(run.assertions.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ["not-probed", "The run was over at 7200 s, before the time of this was."],
      ["not-probed", "Nothing was probed."],
    ]);
  });
});

describe("a host that is killed during a run", () => {
  it("finds the run interrupted when it comes back, and gives links and nodes the topology's own state", async () => {
    const { host, id, runId } = await aPlayed(
      aThreeTierLab({
        timeline: [lossOf(0, 100), { kind: "node", node: "db", action: "kill", atSeconds: 20 }],
        assertions: [webIs("never", 0, 10), webIs("never", 0, 100)],
      }),
    );
    await host.time.playTo(60_000);
    const again = aRunHost({ store: host.file, engine: host.engine });
    hosts.push(again);
    await again.runs.tidy();
    await again.reconciler.settled("acme", id);
    expect(again.runs.get(acme, id, runId)).toMatchObject({ status: "interrupted", reason: "The host was restarted." });
    const { assertions } = again.runs.get(acme, id, runId);
    expect(assertions.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ["passed", "Not reached by 10 probes, as expected."],
      ["not-probed", "The run was over at 20 s, before the time of this was."],
    ]);
    const { links, nodes } = again.services.get(acme, id);
    expect(links.map(({ directions }) => directions.map(({ impairment }) => impairment))).toEqual([
      [{ delayMilliseconds: 10 }, { delayMilliseconds: 10 }],
      [],
    ]);
    expect(nodes.map(({ state }) => state)).toEqual(["running", "running", "running"]);
    expect(() => again.runs.start(acme, id)).not.toThrow();
  });
});

describe("starting a run", () => {
  it("is refused while one is under way, while the simulation does not run, and when there is nothing to play", async () => {
    const host = aRunHost();
    hosts.push(host);
    const refused = expect.objectContaining({ code: "simulation-state" }) as Error;
    const id = await aRunningSimulation(host, aThreeTierLab({ timeline: [lossOf(1, 1)] }));
    host.runs.start(acme, id);
    expect(() => host.runs.start(acme, id)).toThrow(refused);
    const empty = await aRunningSimulation(host, aThreeTierLab());
    expect(() => host.runs.start(acme, empty)).toThrow(refused);
    const stopped = await aRunningSimulation(host, aThreeTierLab({ timeline: [lossOf(1, 1)] }));
    await host.services.control(acme, stopped, "stop");
    expect(() => host.runs.start(acme, stopped)).toThrow(refused);
  });

  it("shows nothing of another tenant's", async () => {
    const { host, id, runId } = await aPlayed(aThreeTierLab({ timeline: [lossOf(1, 1)] }));
    const globex = aStanding("globex");
    const attempts = [
      () => host.runs.start(globex, id),
      () => host.runs.list(globex, id),
      () => host.runs.get(globex, id, runId),
      () => host.runs.compare(globex, id, runId, runId),
      () => host.runs.cancel(globex, id, runId),
      () => host.runs.capture(globex, id, runId, "front-client.pcap"),
    ];
    for (const attempt of attempts) {
      await expect(Promise.resolve().then<unknown>(attempt)).rejects.toThrow(
        expect.objectContaining({ code: "simulation-not-found" }) as Error,
      );
    }
    expect(host.runs.newest(globex, id)).toBeUndefined();
    expect(host.runs.get(acme, id, runId).status).toBe("running");
  });
});
