import fc from "fast-check";
import { expect, test } from "vitest";
import { crashingStore } from "../../tests/support/crashing-store.ts";
import { aFlagRoom } from "../../tests/support/flags.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import type { FlagFields } from "./flag.ts";
import { FlagFields as Fields } from "./flag.ts";
import { ReceivedFlags } from "./receive-flags.ts";
import { fieldsOf, rolledOutTo, rolloutOf } from "./roll-out.ts";

const fields = (key: string, more: Partial<FlagFields> = {}): FlagFields =>
  Fields.parse({ key, variants: { on: true, off: false }, off: "off", otherwise: "off", ...more });

const received = (revision: number, flags: readonly object[]) => ReceivedFlags.parse({ revision, flags });

test("every change is the next revision, with who did it; a stale one and a used key are refused", async () => {
  const { editFlags, flags } = aFlagRoom();
  const created = await editFlags.create("olivia", fields("tabs"));
  expect(created).toMatchObject({ revision: 1, killed: false, archived: false });
  await expect(editFlags.create("olivia", fields("tabs"))).rejects.toMatchObject({ code: "conflict" });
  const rolled = await editFlags.update("otto", 1, rolledOutTo(created, 25));
  await expect(editFlags.update("olivia", 1, fields("tabs"))).rejects.toMatchObject({ code: "precondition-failed" });
  await expect(editFlags.kill("olivia", "nothing")).rejects.toMatchObject({ code: "not-found" });
  expect(await editFlags.kill("olivia", "tabs")).toMatchObject({ revision: 3, killed: true, rules: rolled.rules });
  expect(await editFlags.kill("olivia", "tabs")).toMatchObject({ revision: 3 });
  expect(await editFlags.restore("olivia", "tabs", 3)).toMatchObject({ revision: 4, killed: false });
  await editFlags.archive("olivia", "tabs", 4);
  await expect(editFlags.kill("olivia", "tabs")).rejects.toMatchObject({ code: "not-found" });
  await expect(editFlags.create("olivia", fields("tabs"))).rejects.toMatchObject({ code: "conflict" });
  const history = (await flags.history("tabs")).map(({ action, by, revision }) => `${revision} ${by} ${action}`);
  expect(history).toEqual([
    ...["5 olivia archive", "4 olivia restore", "3 olivia kill", "2 otto update", "1 olivia create"],
  ]);
});

test("changes at the same moment are all there, one after the other, and each in the history", async () => {
  const { editFlags, flags } = aFlagRoom();
  const keys = Array.from({ length: 12 }, (_, index) => `flag-${index}`);
  await Promise.all(keys.map((key) => editFlags.create("olivia", fields(key))));
  const set = await flags.readSet();
  expect(set.revision).toBe(12);
  expect(set.flags.map(({ revision }) => revision).sort((one, other) => one - other)).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  for (const key of keys) expect(await flags.history(key)).toHaveLength(1);
});

test("killed at any write, a change is made wholly or not at all, and its history with it", async () => {
  for (const moment of ["before", "after"] as const) {
    for (let write = 1; write <= 4; write += 1) {
      const documents = crashingStore(sqliteDocumentStore(":memory:"));
      const { editFlags, flags } = aFlagRoom({ documents });
      await editFlags.create("olivia", fields("tabs"));
      documents.dieAt(write, moment);
      const wasTold = await editFlags.kill("olivia", "tabs").then(
        () => true,
        () => false,
      );
      documents.revive();
      const { revision } = await flags.readSet();
      const actions = async () => (await flags.history("tabs")).map(({ action }) => action);
      expect(revision === 2 || !wasTold).toBe(true);
      expect(await actions()).toEqual(revision === 2 ? ["kill", "create"] : ["create"]);
      await editFlags.create("olivia", fields("other"));
      expect(await actions()).toEqual(revision === 2 ? ["kill", "create"] : ["create"]);
    }
  }
});

test("a history is one flag's, also where a key begins like another", async () => {
  const { editFlags, flags } = aFlagRoom();
  for (const key of ["tab", "tabs", "tab-s", "t"]) await editFlags.create("olivia", fields(key));
  expect((await flags.history("tab")).map(({ flag }) => flag)).toEqual(["tab"]);
});

test("a set of another service: unchanged flags keep their revision, missing ones are archived, the same changes nothing", async () => {
  const { editFlags, receiveFlags, flags } = aFlagRoom();
  const kept = await editFlags.create("olivia", fields("kept"));
  await editFlags.create("olivia", fields("gone"));
  const next = received(7, [fieldsOf(kept), { ...fields("new"), killed: true }]);
  const set = await receiveFlags(next);
  expect(set.flags).toMatchObject([
    { key: "kept", revision: 1 },
    { key: "gone", archived: true, revision: 7 },
    { key: "new", killed: true, revision: 7 },
  ]);
  expect(await receiveFlags(received(7, next.flags.toReversed()))).toEqual(set);
  await expect(receiveFlags(received(7, []))).rejects.toMatchObject({ code: "conflict", facts: { revision: 7 } });
  await expect(receiveFlags(received(6, next.flags))).rejects.toMatchObject({
    ...{ code: "flags-revision-older", facts: { revision: 7 } },
  });
  expect((await flags.history("gone")).map(({ action }) => action)).toEqual(["apply", "create"]);
});

test.each([
  ["a number", [3]],
  ["nothing", [null]],
  ["a stranger's member", [{ ...fields("a"), owner: "x" }]],
  ["a variant that is not there", [{ ...fields("a"), off: "none" }]],
  ["values of two types", [{ ...fields("a"), variants: { on: true, off: "no" } }]],
  ["a share beyond 100", [{ ...fields("a"), rules: [{ variant: "on", percentage: 100.01 }] }]],
  ["a share too fine", [{ ...fields("a"), rules: [{ variant: "on", percentage: 1.005 }] }]],
  [
    "a schedule that ends first",
    [{ ...fields("a"), schedule: { from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" } }],
  ],
  ["a key twice", [fields("a"), fields("a")]],
])("refuses a set with %s", (_, flags) => {
  expect(ReceivedFlags.safeParse({ revision: 1, flags }).success).toBe(false);
});

test("every hundredth of a percent can be said", () => {
  for (let bucket = 0; bucket <= 10_000; bucket += 1) {
    const rules = [{ variant: "on", percentage: bucket / 100 }];
    expect(Fields.safeParse({ ...fields("a"), rules }).success, String(bucket / 100)).toBe(true);
  }
});

test("in whatever order revisions come, and however often, the newest stays and none is undone", async () => {
  const deliveries = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(deliveries, fc.boolean(), async (revisions, isAtOnce) => {
      const room = aFlagRoom();
      await room.addInstance("one");
      const tenant = await room.settle("one", "acme");
      const seen: number[] = [];
      const deliver = async (revision: number): Promise<void> => {
        const newest = (await room.flags.readSet()).revision;
        const flag = { ...fields("at"), variants: { on: revision, off: 0 }, otherwise: "on" };
        const outcome = await room.receiveFlags(received(revision, [flag])).then(
          ({ revision: stored }) => stored,
          (error: unknown) => error,
        );
        if (outcome === revision) await room.applyFlags("one");
        else expect(outcome).toMatchObject({ code: "flags-revision-older" });
        if (revision < newest) expect(outcome).not.toBe(revision);
        seen.push(room.revisions.get("one") ?? 0);
      };
      if (isAtOnce) await Promise.all(revisions.map(deliver));
      else for (const revision of revisions) await deliver(revision);
      for (const id of (await room.findStale(true)).instanceIds) await room.applyFlags(id);
      const highest = Math.max(...revisions);
      expect((await room.flags.readSet()).revision).toBe(highest);
      expect(room.flagsOf("one", tenant)).toEqual({ at: highest });
      expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    }),
    { numRuns: 60 },
  );
});

test("a rollout is one rule: moved where it is, added last where there is none", async () => {
  const { editFlags } = aFlagRoom();
  const rules = [{ variant: "on", plans: ["pro" as const], percentage: 50 }];
  const flag = await editFlags.create("olivia", fields("tabs", { rules }));
  expect(rolloutOf(flag)).toBeUndefined();
  const rolled = await editFlags.update("olivia", 1, rolledOutTo(flag, 25));
  expect(rolled.rules).toEqual([...rules, { variant: "on", percentage: 25 }]);
  expect(rolledOutTo(rolled, 30).rules).toEqual([...rules, { variant: "on", percentage: 30 }]);
  expect(rolloutOf(rolled)).toEqual({ variant: "on", percentage: 25 });
});
