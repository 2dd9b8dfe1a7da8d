import { describe, expect, it } from "vitest";
import { ApiError } from "../../console/api/api-error.ts";
import type { StreamState } from "./follow-stream.ts";
import { followStream, reconnectDelaySeconds } from "./follow-stream.ts";

type Connection = string | ApiError | Error;

/** Follows a stream whose connections are scripted; when there are none left, somebody leaves. */
const follow = async (connections: readonly Connection[]) => {
  const asked: (string | undefined)[] = [];
  const heard: string[] = [];
  const states: StreamState["kind"][] = [];
  const waited: number[] = [];
  const leaving = new AbortController();
  await followStream({
    open: (lastId) => {
      const next = connections[asked.length];
      if (next === undefined) leaving.abort();
      asked.push(lastId);
      return typeof next === "string" ? Promise.resolve(new Response(next)) : Promise.reject(next ?? new Error("left"));
    },
    onEvent: ({ data }) => heard.push(data),
    onState: ({ kind }) => states.push(kind),
    wait: (seconds) => {
      waited.push(seconds);
      return Promise.resolve();
    },
    signal: leaving.signal,
  });
  return { asked, heard, states, waited };
};

const event = (id: number): string => `id: ${id}\nevent: node\ndata: ${id}\n\n`;
const end = (reason: string): string => `event: end\ndata: {"reason":"${reason}"}\n\n`;
const refusal = (status: number): ApiError => new ApiError("No.", { status, code: "x" });

describe("followStream", () => {
  it("goes on after the last event it heard, whatever it was cut off by", async () => {
    const { asked, heard, states } = await follow([
      event(1) + event(2),
      new Error("offline"),
      event(3) + end("closing"),
      event(4) + end("ended"),
    ]);
    expect(asked).toEqual([undefined, "2", "2", "3"]);
    expect(heard).toEqual(["1", "2", "3", "4"]);
    expect(states).toEqual(["live", "reconnecting", "reconnecting", "live", "reconnecting", "live", "over"]);
  });

  it("waits longer each time, also for a server that answers and breaks off at once; an event ends that", async () => {
    const { waited } = await follow(["", refusal(503), "", event(1), ""]);
    expect(waited).toEqual([0.5, 1, 2, 0.5, 1]);
  });

  it.each([401, 403, 404])("ends when it may not be read (%d), and says why", async (status) => {
    const { asked, states } = await follow([event(1), refusal(status), event(2)]);
    expect([asked.length, states.at(-1)]).toEqual([2, "refused"]);
  });

  it("tries again when there were too many", async () => {
    const { heard } = await follow([refusal(429), event(1)]);
    expect(heard).toEqual(["1"]);
  });

  it("ends when somebody loses the right to read", async () => {
    expect((await follow([end("refused"), event(1)])).states).toEqual(["live", "refused"]);
  });

  it("tries again after an end that it does not understand", async () => {
    expect((await follow(["event: end\ndata: no JSON\n\n", event(5)])).heard).toEqual(["5"]);
  });
});

it("never waits longer than a quarter of a minute", () => {
  expect([1, 2, 3, 10, 1_000].map(reconnectDelaySeconds)).toEqual([0.5, 1, 2, 15, 15]);
});
