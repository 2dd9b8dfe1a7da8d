import { describe, expect, it } from "vitest";
import { sharePlaces } from "./share-places.ts";

const [greedy, modest, newcomer] = [Symbol("greedy"), Symbol("modest"), Symbol("newcomer")];
const asks = (run: symbol) => ({ run });
const busy = (run: symbol, name: string) => ({ run, name, isResting: false, isIdle: false });
const resting = (run: symbol, name: string) => ({ ...busy(run, name), isResting: true });
const idle = (run: symbol, name: string) => ({ ...resting(run, name), isIdle: true });
const busyOnes = (run: symbol, count: number) => Array.from({ length: count }, (_, at) => busy(run, `${at}`));
const full = { free: 0, coming: 0 };
const names = (room: Parameters<typeof sharePlaces<ReturnType<typeof busy>, ReturnType<typeof asks>>>[0]) =>
  sharePlaces(room).leaving.map(({ name }) => name);

describe("sharing the places for probers", () => {
  it("gives a free place to the run that has the fewest, and among these to the one that came first", () => {
    const askers = [asks(greedy), asks(modest), asks(newcomer), asks(newcomer)];
    const taken = [...busyOnes(greedy, 3), busy(modest, "a")];
    const { admitted, leaving } = sharePlaces({ free: 2, coming: 2, taken, askers });
    expect(admitted).toEqual([askers[2], askers[1]]);
    expect(leaving).toEqual([]);
  });

  it("takes from the run that has the most until all have the same, busy or not", () => {
    const askers = Array.from({ length: 24 }, () => asks(modest));
    const taken = busyOnes(greedy, 24);
    expect(sharePlaces({ ...full, taken, askers }).leaving).toEqual(taken.slice(0, 12));
    expect(sharePlaces({ ...full, taken, askers: askers.slice(0, 1) }).leaving).toEqual(taken.slice(0, 1));
  });

  it("takes no more than those who wait need, of what is about to be free too", () => {
    const taken = busyOnes(greedy, 22);
    expect(names({ free: 0, coming: 1, taken, askers: [asks(modest)] })).toEqual([]);
    expect(names({ free: 0, coming: 1, taken, askers: [asks(modest), asks(modest)] })).toEqual(["0"]);
  });

  it("never takes a run's place for one that has as many, or only one fewer", () => {
    const shares = [...busyOnes(greedy, 2), resting(modest, "a"), resting(modest, "b")];
    expect(names({ ...full, taken: shares, askers: [asks(greedy)] })).toEqual([]);
    const one = [...busyOnes(greedy, 1), resting(modest, "a"), resting(modest, "b")];
    expect(names({ ...full, taken: one, askers: [asks(greedy)] })).toEqual([]);
  });

  it("prefers what nobody misses, then what rests, and the one that was used longest ago", () => {
    const taken = [busy(greedy, "a"), resting(greedy, "b"), resting(greedy, "c"), idle(modest, "d")];
    expect(names({ ...full, taken, askers: [asks(newcomer)] })).toEqual(["d"]);
    expect(names({ ...full, taken: taken.slice(0, 3), askers: [asks(newcomer)] })).toEqual(["b"]);
  });

  it("lets a run with its share put one of its nodes in the place of another", () => {
    const taken = [busy(greedy, "a"), resting(greedy, "b"), resting(modest, "c"), resting(modest, "d")];
    expect(names({ ...full, taken, askers: [asks(greedy)] })).toEqual(["b"]);
  });

  it("lets runs take turns when there are more of them than places", () => {
    expect(names({ ...full, taken: [busy(greedy, "a"), resting(modest, "b")], askers: [asks(newcomer)] })).toEqual([
      "b",
    ]);
    expect(names({ ...full, taken: [busy(greedy, "a"), busy(modest, "b")], askers: [asks(newcomer)] })).toEqual(["a"]);
  });
});
