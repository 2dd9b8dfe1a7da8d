import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import type { RunHost } from "../../tests/support/run-host.ts";
import { aRunHost } from "../../tests/support/run-host.ts";
import { aStanding, aTopology } from "../../tests/support/sim-host.ts";
import { recordId } from "../simulations/names.ts";
import { readTopology } from "../topology/read-topology.ts";
import type { KitCatalogue, TrialStore } from "./ports.ts";
import type { Trial } from "./trial.ts";
import { trialView } from "./trial.ts";
import type { Trials } from "./trials.ts";
import { makeTrials } from "./trials.ts";

const acme = aStanding("acme");
const globex = aStanding("globex");
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const images = [
  { name: "toolbox", reference: "kombify/toolbox:1.35.0", imageId: `sha256:${"1".repeat(64)}`, summary: "." },
];
const aRecipe = (version: string, image = "kombify/toolbox:1.35.0"): TrialRecipe => ({
  kit: { id: "wiki", name: "Wiki", version, sha256: "ab" },
  ...{ memoryMegabytes: 64, startSeconds: 2 },
  services: [{ name: "web", image, environment: {} }],
  ports: [{ name: "site", service: "web", number: 80 }],
});

let host: RunHost;
let now: number;
let trials: Trials;
let reported: Trial[];
let saved: Set<string>;
let answer: () => Promise<boolean>;
let recipes: KitCatalogue["recipe"];

/** A process of the host; the next one is what comes after a kill. */
const restart = (allowed = images): Trials =>
  makeTrials({
    ...{ store: host.file.trials, records: host.records, runs: host.runs, images: allowed, log: silent },
    hasSaves: (_tenantId, simulationId) => saved.has(simulationId),
    services: {
      control: (...call) => host.services.control(...call),
      create(standing, source, options) {
        const read = readTopology(source, { images: ["toolbox"] });
        if (read.kind === "invalid") throw new DomainError("topology-invalid", JSON.stringify(read.findings));
        return host.services.create(standing, JSON.stringify(read.topology), options);
      },
    },
    catalogue: {
      recipe: (...asked) => recipes(...asked),
      report(trial) {
        reported.push(trial);
        return answer();
      },
    },
    visitorImage: "toolbox",
    clock: () => new Date(now),
    newId: () => recordId("trial", randomBytes(16)),
  });

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  reported = [];
  saved = new Set();
  answer = () => Promise.resolve(true);
  recipes = (_tenant, _kit, version = "2.0.0") => Promise.resolve(aRecipe(version));
  host = aRunHost();
  trials = restart();
});
afterEach(() => host.runs.close());

const stateOf = (trial: Trial) => {
  const present = trials.of(acme, trial.simulationId);
  return present === undefined ? undefined : { ...trialView(present), raw: present.status };
};
const settle = (trial: Trial) => host.reconciler.settled("acme", trial.simulationId);
/** Until it has a result or was given up, in time that is played. */
const toResult = async (trial: Trial): Promise<void> => {
  for (let second = 0; second < 60 && stateOf(trial)?.status === "running"; second += 1) {
    await settle(trial);
    await trials.advance();
    await host.time.playTo(host.time.nowMilliseconds() + 1_000);
  }
};

describe("a trial of a kit", () => {
  it("runs the kit, stops its simulation and tells the control plane", async () => {
    const trial = await trials.start(acme, "wiki", undefined);
    expect(trialView(trial)).toMatchObject({ kit: { id: "wiki", version: "2.0.0" }, status: "running" });
    await toResult(trial);
    expect(stateOf(trial)).toMatchObject({ status: "passed", raw: "unreported" });
    await trials.advance();
    await settle(trial);
    expect(stateOf(trial)).toMatchObject({ status: "passed", raw: "reported" });
    expect(reported).toMatchObject([
      {
        ...{ id: trial.id, tenantId: "acme", images: [{ service: "web", imageId: images[0]?.imageId }] },
        result: { status: "passed", assertions: [{ name: "site answers", verdict: "passed" }, {}, {}] },
      },
    ]);
    expect(host.services.get(acme, trial.simulationId).status).toBe("stopped");
  });

  it("fails with the reason of the assertion that did not hold", async () => {
    await host.runs.close();
    const prober = {
      prepare: () => Promise.resolve(),
      probe: () => Promise.resolve({ isReached: false, milliseconds: 1, waitedMilliseconds: 0, detail: "refused" }),
      close: () => Promise.resolve(),
    };
    host = aRunHost({ prober });
    trials = restart();
    const trial = await trials.start(acme, "wiki", undefined);
    await toResult(trial);
    expect(stateOf(trial)).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^site answers: /) as string,
    });
  });

  it("is one at a time for a version, and clears what earlier ones left", async () => {
    const [one, same] = await Promise.all([trials.start(acme, "wiki", "1.0.0"), trials.start(acme, "wiki", "1.0.0")]);
    expect(same.id).toBe(one.id);
    const other = await trials.start(globex, "wiki", "1.0.0");
    expect(other.id).not.toBe(one.id);
    expect(trials.of(globex, one.simulationId)).toBeUndefined();
    await toResult(one);
    await trials.advance();
    await settle(one);
    const next = await trials.start(acme, "wiki", "2.0.0");
    await host.reconciler.settled("acme", one.simulationId);
    expect(host.services.list(acme, 10).items.map(({ id }) => id)).toEqual([next.simulationId]);
    trials.tidy();
    expect(stateOf(one)).toBeUndefined();
    expect(stateOf(next)).toMatchObject({ status: "running" });
  });

  it.each([
    ["changed", (id: string) => host.services.change(acme, id, JSON.stringify(aTopology(["my", "own"])))],
    ["started again", (id: string) => host.services.control(acme, id, "start")],
    ["saved", (id: string) => Promise.resolve(saved.add(id))],
  ])("leaves a simulation alone that somebody has %s", async (_what, take) => {
    const one = await trials.start(acme, "wiki", "1.0.0");
    await toResult(one);
    await trials.advance();
    await settle(one);
    await take(one.simulationId);
    await settle(one);
    const next = await trials.start(acme, "wiki", "2.0.0");
    // What is deleted is gone only then.
    await settle(one);
    const left = host.services.list(acme, 10).items.map(({ id }) => id);
    expect(left.toSorted()).toEqual([one.simulationId, next.simulationId].toSorted());
  });

  it("stops its simulation once, and can be tried again while the control plane does not take the result", async () => {
    answer = () => Promise.reject(new DomainError("unavailable", "Down."));
    const one = await trials.start(acme, "wiki", "1.0.0");
    await toResult(one);
    await trials.advance();
    await settle(one);
    expect(host.services.get(acme, one.simulationId).status).toBe("stopped");
    await host.services.control(acme, one.simulationId, "start");
    now += 60_000;
    await trials.advance();
    expect(host.services.get(acme, one.simulationId).wanted).toBe("running");
    expect((await trials.start(acme, "wiki", "1.0.0")).id).not.toBe(one.id);
  });

  it("fails when a service ends by itself that has no port", async () => {
    const service = { image: "kombify/toolbox:1.35.0", environment: {} };
    recipes = () =>
      Promise.resolve({
        ...aRecipe("1.0.0"),
        services: [
          { ...service, name: "web" },
          { ...service, name: "db" },
        ],
      });
    const trial = await trials.start(acme, "wiki", undefined);
    await settle(trial);
    for (let second = 0; second < 60 && stateOf(trial)?.status === "running"; second += 1) {
      await settle(trial);
      host.records.update("acme", trial.simulationId, (present) => ({
        ...present,
        nodes: present.nodes.map((node) => (node.name === "db" ? { ...node, state: "exited", exitCode: 3 } : node)),
      }));
      await trials.advance();
      await host.time.playTo(host.time.nowMilliseconds() + 1_000);
    }
    expect(stateOf(trial)).toMatchObject({
      status: "failed",
      reason: "db does not run at the end: it is exited, with exit code 3.",
    });
  });

  it("plays another run when the host was too busy to look, three at most", async () => {
    await host.runs.close();
    const prober = {
      prepare: () => Promise.resolve(),
      probe: () => Promise.reject(new Error("too busy")),
      close: () => Promise.resolve(),
    };
    host = aRunHost({ prober });
    trials = restart();
    const trial = await trials.start(acme, "wiki", undefined);
    await toResult(trial);
    expect(stateOf(trial)).toMatchObject({
      ...{ status: "failed", reason: "The host could not look at it in 3 runs: it was restarted, or too busy." },
    });
    expect(host.runs.list(acme, trial.simulationId)).toHaveLength(3);
  });

  it("proves nothing when the host has another image under the same name since", async () => {
    const trial = await trials.start(acme, "wiki", undefined);
    await settle(trial);
    trials = restart(images.map((image) => ({ ...image, imageId: `sha256:${"9".repeat(64)}` })));
    await trials.advance();
    expect(stateOf(trial)).toMatchObject({ status: "given-up" });
  });

  it("lets nobody change its simulation until it has a result", async () => {
    const trial = await trials.start(acme, "wiki", undefined);
    const id = trial.simulationId;
    expect(() => trials.requireUnsealed(acme, id)).toThrow("proves nothing if it is changed");
    expect(() => trials.requireUnsealed(globex, id)).not.toThrow();
    await toResult(trial);
    expect(() => trials.requireUnsealed(acme, id)).not.toThrow();
  });

  it.each(["stop", "delete"] as const)("is given up when somebody uses %s", async (action) => {
    const trial = await trials.start(acme, "wiki", undefined);
    await settle(trial);
    await host.services.control(acme, trial.simulationId, action);
    await settle(trial);
    await trials.advance();
    expect(stateOf(trial)).toMatchObject({ status: "given-up" });
    expect(reported).toEqual([]);
  });

  it.each([
    ["images that the host has not", () => Promise.resolve(aRecipe("1.0.0", "nginx:1.27.0")), "kit-not-tried"],
    ["kits that the plan has not", () => Promise.reject(new DomainError("plan-required", "No.")), "plan-required"],
    [
      "services of names that no node has",
      () => Promise.resolve({ ...aRecipe("1.0.0"), services: [{ ...aRecipe("1").services[0], name: "Web!" }] }),
      "kit-not-tried",
    ],
  ])("leaves nothing of %s", async (_what, recipe, code) => {
    recipes = recipe as KitCatalogue["recipe"];
    await expect(trials.start(acme, "wiki", undefined)).rejects.toMatchObject({ code });
    expect(host.file.trials.host.listOpen()).toEqual([]);
    expect(host.services.list(acme, 10).items).toEqual([]);
  });
});

describe("a host that is killed", () => {
  it("never has a simulation without its trial", async () => {
    const { trials: real } = host.file;
    const dying: TrialStore = {
      host: real.host,
      forTenant: (tenantId) => ({
        ...real.forTenant(tenantId),
        insert(trial) {
          real.forTenant(tenantId).insert(trial);
          throw new Error("killed");
        },
      }),
    };
    host = { ...host, file: { ...host.file, trials: dying } };
    await expect(restart().start(acme, "wiki", undefined)).rejects.toThrow("killed");
    expect(host.services.list(acme, 10).items).toEqual([]);
    expect(dying.host.listOpen()).toEqual([]);
  });

  it("takes up a run that it had begun and not noted, and begins one again that it interrupted", async () => {
    const trial = await trials.start(acme, "wiki", undefined);
    await settle(trial);
    host.runs.start(acme, trial.simulationId);
    await trials.advance();
    expect(host.runs.list(acme, trial.simulationId)).toHaveLength(1);
    await host.runs.close();
    const store = host.file;
    host = aRunHost({ store, engine: host.engine });
    trials = restart();
    await host.runs.tidy();
    await toResult(trial);
    expect(stateOf(trial)).toMatchObject({ status: "passed" });
    expect(host.runs.list(acme, trial.simulationId).map(({ status }) => status)).toEqual(["passed", "interrupted"]);
  });

  it("says the result until the control plane has it, with longer and longer pauses", async () => {
    answer = () => Promise.reject(new DomainError("unavailable", "Down."));
    const trial = await trials.start(acme, "wiki", undefined);
    await toResult(trial);
    for (let minute = 0; minute < 60; minute += 1) {
      trials = restart();
      await trials.advance();
      now += 60_000;
    }
    expect(reported.length).toBeGreaterThan(8);
    expect(reported.length).toBeLessThan(20);
    answer = () => Promise.resolve(true);
    now += 600_000;
    await trials.advance();
    expect(stateOf(trial)).toMatchObject({ raw: "reported" });
  });

  it("gives a result up that is refused", async () => {
    answer = () => Promise.resolve(false);
    const trial = await trials.start(acme, "wiki", undefined);
    await toResult(trial);
    await trials.advance();
    expect(stateOf(trial)).toMatchObject({ raw: "given-up", status: "passed" });
    await trials.advance();
    expect(reported).toHaveLength(1);
  });
});
