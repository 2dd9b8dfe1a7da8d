import { beforeEach, describe, expect, it } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import { aHost, aStanding, aTopology } from "../../tests/support/sim-host.ts";
import { portIdOf } from "../simulations/names.ts";
import type { Simulation } from "../simulations/simulation.ts";
import { restoreLinks } from "./restore-links.ts";

const acme = aStanding("acme");

/** A host that starts on simulations of an earlier one. */
const setUp = async () => {
  const { services, store } = aHost();
  const create = async (): Promise<Simulation> => {
    const { simulation } = await services.create(acme, JSON.stringify(aTopology(["web", "db"])), { start: true });
    return simulation;
  };
  const [one, other] = [await create(), await create()];
  /** Simulations whose containers the engine does not show. */
  const hidden = new Set<string>();
  const shaped: string[] = [];
  /** The ports that each check kept. */
  const kept: string[][] = [];
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const start = (checkLinks: () => void = () => undefined) =>
    restoreLinks({
      store,
      shapeLinks(_, id) {
        if (hidden.has(id)) return Promise.reject(new DomainError("unavailable", "The engine does not answer."));
        return Promise.resolve(void shaped.push(id));
      },
      links: {
        check: async (ports) => {
          kept.push([...(ports ?? [])]);
          await Promise.resolve();
          checkLinks();
        },
      },
      log: { info: note, warn: note, error: note },
    });
  return { one, other, hidden, shaped, kept, lines, start };
};

const portsOf = ({ id }: Simulation): readonly string[] =>
  ["web", "db"].map((node) => portIdOf(acme.tenantId, id, "lan", node));

describe("links of an earlier host", () => {
  let host: Awaited<ReturnType<typeof setUp>>;
  beforeEach(async () => {
    host = await setUp();
  });

  it("are put back, and what no record has is taken away", async () => {
    const { one, other, shaped, kept, lines, start } = host;
    await start();
    expect(shaped.sort()).toEqual([one.id, other.id].sort());
    expect([kept, lines]).toEqual([[[]], []]);
  });

  it("stay dead while they cannot be put back, are tried again with each check, and then not any more", async () => {
    const { one, other, hidden, shaped, kept, lines, start } = host;
    hidden.add(one.id);
    const check = await start();
    await check();
    hidden.clear();
    await check();
    await check();
    expect(kept).toEqual([portsOf(one), portsOf(one), [], []]);
    expect(shaped).toEqual([other.id, one.id]);
    expect(lines).toEqual(Array.from({ length: 2 }, () => "links are not restored yet, and carry nothing"));
  });

  it("do not keep a host from its start when they cannot be looked at", async () => {
    const { lines, start } = host;
    const fail = (): never => {
      throw new DomainError("not-found", "The node has no such interface now.");
    };
    const check = await start(fail);
    expect(lines).toEqual(["links are not looked at yet"]);
    // Later, who asks for it learns of it.
    await expect(check()).rejects.toMatchObject({ code: "not-found" });
  });
});
