import { expect, test } from "vitest";
import { gatherSends } from "./gather-sends.ts";

const setUp = () => {
  const sent: (readonly string[])[] = [];
  const open: { readonly done: () => void; readonly fail: () => void }[] = [];
  const send = gatherSends({ sizeMax: 3, pauseMilliseconds: 1 }, (ids) => {
    sent.push(ids);
    return new Promise((resolve, reject) => open.push({ done: resolve, fail: () => reject(new Error("refused")) }));
  });
  const isSent = (count: number): Promise<void> => expect.poll(() => sent.length).toBe(count);
  return { sent, open, send, isSent };
};

test("what comes at once goes together, as much as fits; what comes meanwhile goes with the next message", async () => {
  const { sent, open, send, isSent } = setUp();
  const first = ["a", "b"].map((id) => send(id));
  await isSent(1);
  const later = ["c", "d", "e", "f"].map((id) => send(id));
  open[0]?.done();
  await Promise.all(first);
  await isSent(2);
  open[1]?.done();
  await Promise.all(later.slice(0, 3));
  await isSent(3);
  open[2]?.done();
  await Promise.all(later);
  expect(sent).toEqual([["a", "b"], ["c", "d", "e"], ["f"]]);
});

test("after a pause the next one goes by itself", async () => {
  const { sent, open, send, isSent } = setUp();
  for (const [index, id] of ["a", "b"].entries()) {
    const sending = send(id);
    await isSent(index + 1);
    open[index]?.done();
    await sending;
  }
  expect(sent).toEqual([["a"], ["b"]]);
});

test("a repetition goes once; both callers are answered", async () => {
  const { sent, open, send, isSent } = setUp();
  const all = ["a", "a"].map((id) => send(id));
  await isSent(1);
  open[0]?.done();
  await Promise.all(all);
  expect(sent).toEqual([["a"]]);
});

test("a failure is told to those of its message, and to nobody else", async () => {
  const { open, send, isSent } = setUp();
  const outcome = (id: string): Promise<string> => send(id).then(() => "sent", String);
  const first = outcome("a");
  await isSent(1);
  const second = outcome("b");
  open[0]?.fail();
  await isSent(2);
  open[1]?.done();
  expect([await first, await second]).toEqual(["Error: refused", "sent"]);
});
