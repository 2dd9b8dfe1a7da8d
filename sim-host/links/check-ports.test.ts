import { expect, test } from "vitest";
import { makeCheckPorts } from "./check-ports.ts";
import type { MarkedPort } from "./host-traces.ts";
import type { HostPort } from "./interfaces.ts";
import { makeTurns } from "./turns.ts";

const nothing = (): void => undefined;
const markedPort = (portId: string, index: number): MarkedPort => ({
  ...{ portId, index, name: `veth${index}`, mtuBytes: 1500, alias: `kombify-link:test:${portId}`, isUp: true },
});

test("what nobody has applied is taken away, but for ports that are kept, and those as soon as they are not", async () => {
  let marked = ["port-a", "port-b", "port-c"].map(markedPort);
  const clear = ({ index }: HostPort): Promise<void> => {
    marked = marked.filter((port) => port.index !== index);
    return Promise.resolve();
  };
  const check = makeCheckPorts({
    traces: {
      marked: (portId) => Promise.resolve(marked.filter((port) => portId === undefined || port.portId === portId)),
      clear,
      redirected: () => Promise.resolve(new Set()),
    },
    work: { establish: () => Promise.reject(new Error("Nothing is wanted.")) },
    turns: makeTurns(8),
    wanted: new Map(),
    logger: { info: nothing, warn: nothing, error: nothing },
  });
  await check(new Set(["port-b", "port-x"]));
  expect(marked.map(({ portId }) => portId)).toEqual(["port-b"]);
  await check(new Set());
  expect(marked).toEqual([]);
});
