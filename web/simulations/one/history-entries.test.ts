import { describe, expect, it } from "vitest";
import { withEvent } from "./history-entries.ts";
import type { HistoryEvent } from "./live-simulation.ts";

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const event = (seconds: number, kind: string, text: string, data: HistoryEvent["data"] = {}): HistoryEvent => ({
  ...{ sequence: 1, at: at(seconds), kind, data, text },
});
const link = (seconds: number, text: string, isDown = false): HistoryEvent =>
  event(seconds, "link", text, { link: "front", isDown });
const ended = (seconds: number): HistoryEvent => event(seconds, "node", "db ended with exit code 137", { node: "db" });
const fault = (seconds: number, subject: string, outcome = "done"): HistoryEvent =>
  event(seconds, "fault", `${subject}: it`, { subject, outcome });

const told = (...events: readonly HistoryEvent[]): readonly string[] =>
  events.reduce<readonly HistoryEvent[]>(withEvent, []).map(({ text }) => text);

describe("what happened", () => {
  it("is told the newest first, without work under way, and no more than anybody reads", () => {
    expect(told(event(0, "status", "one"), event(1, "operation", "two"), event(2, "status", "three"))).toEqual([
      ...["three", "one"],
    ]);
    const many = Array.from({ length: 150 }, (_, index) => event(index, "status", `number ${index}`));
    expect(told(...many)).toEqual(
      many
        .slice(50)
        .map(({ text }) => text)
        .toReversed(),
    );
  });

  it("is told once of a link that is moved by hand, and each time it is unplugged", () => {
    expect(told(link(0, "10 ms"), link(1, "20 ms"), link(9, "30 ms"), link(10, "down", true))).toEqual([
      ...["down", "30 ms", "20 ms"],
    ]);
  });

  it("is told once of a link to which a run does something", () => {
    expect(told(link(0, "by hand"), link(9.9, "100 % lost"), fault(10, "front"))).toEqual(["front: it", "by hand"]);
    expect(told(link(9.9, "100 % lost"), fault(10, "back"))).toEqual(["back: it", "100 % lost"]);
  });

  it("is told of a node in the order in which it happened", () => {
    expect(told(ended(2), ended(9.9), event(9.95, "status", "other"), fault(10, "db"))).toEqual([
      ...["other", "db ended with exit code 137", "db: it", "db ended with exit code 137"],
    ]);
  });

  it("is told in full where a fault did not happen", () => {
    expect(told(link(9.9, "10 ms"), fault(10, "front", "failed"))).toEqual(["front: it", "10 ms"]);
  });
});
