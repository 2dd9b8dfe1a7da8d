import { expect, it } from "vitest";
import type { HistoryEvent } from "../history/history-event.ts";
import { historyEvent } from "../history/history-event.ts";
import type { InstanceRow, StoredEnvelope } from "../store/records.ts";
import { sortInbox } from "./inbox.ts";

const at = (second: number): string => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
const identity = { instanceId: "one", executionId: "run", name: "flow", version: "" };
const row: InstanceRow = {
  ...{ ...identity, inputJson: null, status: "Running", output: null, customStatusJson: null },
  ...{ createdAt: at(0), updatedAt: at(0), parent: null },
};
const envelope = (id: number, event: HistoryEvent, executionId: string | null = null): StoredEnvelope => ({
  ...{ id, instanceId: "one", executionId, visibleAt: 0 },
  message: { kind: "event", event },
});
const started = (second: number) =>
  historyEvent.executionStarted(at(second), { ...identity, input: null, parent: null });
const raised = (name: string, second: number) => historyEvent.eventRaised(at(second), name, null);

it.each([
  {
    name: "a timer is handled when it fired, not when it was made",
    messages: [
      envelope(1, historyEvent.timerFired(at(5), 0, at(5)), "run"),
      envelope(2, raised("before", 4)),
      envelope(3, raised("after", 6)),
    ],
    ids: [2, 1, 3],
  },
  {
    name: "the start of an execution comes first, then what was carried over, then what came meanwhile",
    messages: [
      envelope(1, raised("meanwhile", 2)),
      envelope(2, started(3), "run"),
      envelope(3, raised("carried over", 1), "run"),
    ],
    ids: [2, 3, 1],
  },
  {
    name: "of one millisecond, what was carried over is older, and the rest is in the order of sending",
    messages: [envelope(1, raised("a", 1)), envelope(2, raised("b", 1)), envelope(3, raised("carried", 1), "run")],
    ids: [3, 1, 2],
  },
])("$name", ({ messages, ids }) => {
  expect(sortInbox(row, messages)).toMatchObject({ eventIds: ids, staleIds: [], controls: [] });
});

it("what was meant for an execution that is over is stale", () => {
  expect(sortInbox(row, [envelope(1, raised("go", 1), "run before")])).toMatchObject({ staleIds: [1], events: [] });
  expect(sortInbox({ ...row, status: "Completed" }, [envelope(1, raised("go", 1))])).toMatchObject({ staleIds: [1] });
});
