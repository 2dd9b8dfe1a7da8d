import { expect, test } from "vitest";
import type { RelayKeeper } from "./relay-keeper.ts";
import { keepRelay } from "./relay-keeper.ts";
import type { RelayProcess } from "./relay-process.ts";

interface ScriptedRelay extends RelayProcess {
  end(): void;
}

const scriptedRelay = (pid: number): ScriptedRelay => {
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const nothing = () => Promise.resolve();
  const end = () => resolve(`ended (${pid})`);
  const stop = async () => {
    end();
    await ended;
  };
  const answers = { setSources: () => Promise.resolve("kt000000_0"), counters: () => Promise.resolve([]) };
  return { pid, isPrompt: true, ended, end, stop, ping: nothing, remove: nothing, ...answers };
};

/** A keeper whose relays start, or not, as the script says; after it, all do. */
const keep = (script: readonly ("starts" | "fails")[] = []) => {
  const started: ScriptedRelay[] = [];
  const lines: string[] = [];
  let attempts = 0;
  let replacements = 0;
  let onReplacement: () => void = () => undefined;
  const note = (message: string): void => void lines.push(message);
  const keeper: RelayKeeper = keepRelay({
    start() {
      const step = script[attempts];
      attempts += 1;
      if (step === "fails") return Promise.reject(new Error("no tap"));
      const relay = scriptedRelay(attempts);
      started.push(relay);
      return Promise.resolve(relay);
    },
    onReplaced() {
      replacements += 1;
      onReplacement();
      return Promise.resolve();
    },
    logger: { info: note, warn: note, error: note },
  });
  return {
    keeper,
    started,
    lines,
    attempts: () => attempts,
    replacements: () => replacements,
    replaced: () => new Promise<void>((resolve) => (onReplacement = resolve)),
  };
};

test("no relay runs before it is needed, and then one for everybody", async () => {
  const { keeper, started } = keep();
  expect(keeper.running()).toBeUndefined();
  const relays = await Promise.all([keeper.relay(), keeper.relay(), keeper.relay()]);
  expect(new Set(relays)).toEqual(new Set(started));
  expect(started).toHaveLength(1);
  await keeper.close();
});

test("a relay that ends is replaced without being asked for, and the ports are told", async () => {
  const { keeper, started, replaced, replacements, lines } = keep();
  await keeper.relay();
  expect(replacements()).toBe(0);
  const told = replaced();
  started[0]?.end();
  await told;
  expect((await keeper.relay()).pid).toBe(2);
  expect(replacements()).toBe(1);
  expect(lines).toHaveLength(1);
  await keeper.close();
});

test("who needs a relay at once does not wait out the pause, and all ports are told still", async () => {
  const { keeper, started, replacements, attempts } = keep();
  await keeper.relay();
  started[0]?.end();
  await started[0]?.ended;
  expect((await keeper.relay()).pid).toBe(2);
  expect([attempts(), replacements()]).toEqual([2, 1]);
  await keeper.close();
});

test("a relay that does not start is unavailable, and is tried again until it does", async () => {
  const { keeper, replaced, attempts } = keep(["fails", "fails"]);
  const told = replaced();
  await expect(keeper.relay()).rejects.toMatchObject({ code: "unavailable" });
  await told;
  expect(attempts()).toBe(3);
  expect(keeper.running()?.pid).toBe(3);
  await keeper.close();
});

test("after its close no relay is started, nor one that was being started left behind", async () => {
  const { keeper, started, attempts } = keep();
  const asked = keeper.relay();
  await keeper.close();
  await asked;
  await expect(started[0]?.ended).resolves.toBe("ended (1)");
  await expect(keeper.relay()).rejects.toMatchObject({ code: "unavailable" });
  expect(attempts()).toBe(1);
});
