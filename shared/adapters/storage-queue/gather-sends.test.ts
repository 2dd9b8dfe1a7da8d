import { expect, test } from "vitest";
import { gatherSends } from "./gather-sends.ts";

const setUp = (limits = { sizeMax: 3, parallelMax: 1 }) => {
  const sent: (readonly string[])[] = [];
  const open: { readonly done: () => void; readonly fail: () => void }[] = [];
  const send = gatherSends(limits, (ids) => {
    sent.push(ids);
    return new Promise((resolve, reject) => open.push({ done: resolve, fail: () => reject(new Error("refused")) }));
  });
  return { sent, open, send };
};

test("the first goes at once; what comes meanwhile goes together, as many as fit", async () => {
  const { sent, open, send } = setUp();
  const all = ["a", "b", "c", "d", "e"].map((id) => send(id));
  expect(sent).toEqual([["a"]]);
  open[0]?.done();
  await all[0];
  await expect.poll(() => sent).toEqual([["a"], ["b", "c", "d"]]);
  open[1]?.done();
  await Promise.all(all.slice(1, 4));
  await expect.poll(() => sent.at(-1)).toEqual(["e"]);
  open[2]?.done();
  await Promise.all(all);
});

test("a repetition goes once; both callers are answered", async () => {
  const { sent, open, send } = setUp();
  const all = ["a", "b", "b"].map((id) => send(id));
  open[0]?.done();
  await expect.poll(() => sent).toEqual([["a"], ["b"]]);
  open[1]?.done();
  await Promise.all(all);
});

test("a failure is told to those of its message, and to nobody else", async () => {
  const { open, send } = setUp();
  const all = ["a", "b"].map((id) => send(id).then(() => "sent", String));
  open[0]?.fail();
  await expect.poll(() => open.length).toBe(2);
  open[1]?.done();
  expect(await Promise.all(all)).toEqual(["Error: refused", "sent"]);
});
