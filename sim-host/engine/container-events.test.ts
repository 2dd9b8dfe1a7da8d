import { describe, expect, it } from "vitest";
import { eventReader } from "./container-events.ts";
import { labelsOf } from "./labels.ts";

const owner = { tenantId: "t1", simulationId: "s1", part: "wéb", generation: 3 };
const event = (Action: string, more: Readonly<Record<string, string>> = {}): string =>
  `${JSON.stringify({ Type: "container", Action, Actor: { ID: "x", Attributes: { ...labelsOf(owner), ...more } } })}\n`;

describe("changes of containers", () => {
  it("are read one a line, however they arrive", () => {
    const read = eventReader();
    const bytes = Buffer.from(`${event("start")}${event("die", { exitCode: "137" })}`);
    const events = Array.from(bytes, (byte) => read(Uint8Array.of(byte))).flat();
    expect(events).toStrictEqual([
      { owner, action: "start" },
      { owner, action: "die", exitCode: 137 },
    ]);
  });

  it("are ours only, and nothing that cannot be read stops them", () => {
    const read = eventReader();
    const others = ['{"Action":"die"}', "null", "{", "", `{"Action":"die","Actor":{"Attributes":{}}}`].join("\n");
    expect(read(Buffer.from(`${others}\n${event("die")}`))).toStrictEqual([{ owner, action: "die" }]);
  });

  it("fill no memory when a line never ends", () => {
    const read = eventReader();
    for (let count = 0; count < 100; count += 1) expect(read(Buffer.from("x".repeat(10_000)))).toStrictEqual([]);
    expect(read(Buffer.from(`\n${event("die")}`))).toStrictEqual([{ owner, action: "die" }]);
  });
});
