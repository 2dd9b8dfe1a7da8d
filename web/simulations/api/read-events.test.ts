import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeEventParser, readEvents } from "./read-events.ts";

const stream = [
  "retry: 3000\n\n",
  ":\n\n",
  'id: 7\nevent: node\ndata: {"a":1}\n\n',
  "data: first\ndata:second\n\n",
  "event: log\r\ndata: windows\r\n\r\n",
  "event: none\n\n",
  "id: 9\ndata: \n\n",
].join("");
const events = [
  { event: "node", lastId: "7", data: '{"a":1}' },
  { event: "message", lastId: "7", data: "first\nsecond" },
  { event: "log", lastId: "7", data: "windows" },
  { event: "message", lastId: "9", data: "" },
];

describe("the parser of event streams", () => {
  it("gives each event once it is whole, and passes over what is none", () => {
    expect(makeEventParser()(stream)).toEqual(events);
  });

  it("does not care where a stream was cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const places = [0, ...cuts.sort((one, other) => one - other), stream.length];
        const parse = makeEventParser();
        const found = places.slice(1).flatMap((end, index) => parse(stream.slice(places[index], end)));
        expect(found).toEqual(events);
      }),
    );
  });

  it("keeps what is not whole to itself", () => {
    const parse = makeEventParser();
    expect(parse("data: half")).toEqual([]);
    expect(parse(" and half\n")).toEqual([]);
    expect(parse("\n")).toEqual([{ event: "message", lastId: undefined, data: "half and half" }]);
  });
});

describe("readEvents", () => {
  it("reads an answer to its end, characters that were cut in two included", async () => {
    const bytes = new TextEncoder().encode("data: grüße\n\n");
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(0, 9));
        controller.enqueue(bytes.slice(9));
        controller.close();
      },
    });
    const found: string[] = [];
    for await (const { data } of readEvents(new Response(body))) found.push(data);
    expect(found).toEqual(["grüße"]);
  });

  it("finds nothing in an answer without a body", async () => {
    const found = await readEvents(new Response(null)).next();
    expect(found.done).toBe(true);
  });
});
