import { describe, expect, it } from "vitest";
import * as h from "../fixtures/history.ts";
import type { HistoryEvent } from "../history/history-event.ts";
import { historyEvent } from "../history/history-event.ts";
import type { Action, OrchestratorOutput } from "./orchestrator-output.ts";
import { actionType } from "./orchestrator-output.ts";
import { replay } from "./replay.ts";

const { turn } = h;
const done = { output: '"end"' };
const completed = { kind: "completed", resultJson: '"end"' };
const call = (id: number, name = "work", input = "{}") => ({ kind: "activity", id, name, input });
const wake = (id: number, hours: number) => ({ kind: "timer", id, fireAt: h.at(hours) });
const day = 24;

interface Case {
  readonly name: string;
  readonly history: readonly (readonly HistoryEvent[])[];
  readonly output: OrchestratorOutput;
  readonly decisions: readonly unknown[];
  readonly completion?: unknown;
}

const expectReplay = ({ history, output, decisions, completion }: Case): void => {
  expect(replay(history.flat(), output)).toEqual({ decisions, completion });
};

const twoInARow = [h.activity("first"), h.activity("second")];

describe("a row of actions", () => {
  it.each<Case>([
    { name: "starts the first", history: [turn(0)], output: h.says(twoInARow), decisions: [call(0, "first")] },
    {
      name: "starts the second when the first is done",
      history: [turn(0, h.scheduled(0, "first")), turn(1, h.completed(0))],
      output: h.says(twoInARow),
      decisions: [call(1, "second")],
    },
    {
      name: "goes on after a failure: what it means is the SDK's business",
      history: [turn(0, h.scheduled(0, "first")), turn(1, h.failed(0))],
      output: h.says(twoInARow),
      decisions: [call(1, "second")],
    },
    {
      name: "ignores an answer that comes twice or for an unknown task",
      history: [turn(0, h.scheduled(0, "first")), turn(1, h.completed(0), h.completed(0), h.completed(7))],
      output: h.says(twoInARow),
      decisions: [call(1, "second")],
    },
    {
      name: "ends without any action",
      history: [turn(0)],
      output: h.says([], done),
      decisions: [],
      completion: completed,
    },
    {
      name: "fails with what the orchestrator threw",
      history: [turn(0, h.scheduled(0)), turn(1, h.completed(0))],
      output: h.says([h.activity()], { error: "broken" }),
      decisions: [],
      completion: { kind: "failed", reason: "broken" },
    },
    {
      name: "gives an activity a text as it is, a value as JSON and nothing as an empty object",
      history: [turn(0)],
      output: h.says([h.all(h.activity("a", '"text"'), h.activity("b", [1, null]), h.activity("c"))]),
      decisions: [call(0, "a", '"text"'), call(1, "b", "[1,null]"), call(2, "c", "{}")],
    },
    {
      name: "passes a sub-orchestration's id, version and input on",
      history: [turn(0)],
      output: h.says([h.subOrchestration("child-id")]),
      decisions: [
        { kind: "sub-orchestration", id: 0, name: "child", version: "2", inputJson: '{"a":1}', instanceId: "child-id" },
      ],
    },
  ])("$name", (each) => expectReplay(each));
});

describe("all and any", () => {
  const two = h.all(h.activity("a"), h.activity("b"));
  const twoScheduled = turn(0, h.scheduled(0, "a"), h.scheduled(1, "b"));
  it.each<Case>([
    {
      name: "all starts every child in order",
      history: [turn(0)],
      output: h.says([two]),
      decisions: [call(0, "a"), call(1, "b")],
    },
    {
      name: "all waits for the others although one has failed and the SDK went on",
      history: [twoScheduled, turn(1, h.failed(0))],
      output: h.says([two, h.activity("after")]),
      decisions: [],
    },
    {
      name: "all ends with the last child",
      history: [twoScheduled, turn(1, h.failed(0)), turn(2, h.completed(1))],
      output: h.says([two, h.activity("after")]),
      decisions: [call(2, "after")],
    },
    {
      name: "any ends with the first child, but the execution waits for the other one",
      history: [twoScheduled, turn(1, h.completed(1))],
      output: h.says([h.any(h.activity("a"), h.activity("b"))], done),
      decisions: [],
    },
    {
      name: "the execution ends when the slower child has failed",
      history: [twoScheduled, turn(1, h.completed(1)), turn(2, h.failed(0))],
      output: h.says([h.any(h.activity("a"), h.activity("b"))], done),
      decisions: [],
      completion: completed,
    },
    {
      name: "nested: ids are given depth first",
      history: [turn(0)],
      output: h.says([h.all(h.any(h.activity("a"), h.timer(1)), h.activity("b"))]),
      decisions: [call(0, "a"), wake(1, 1), call(2, "b")],
    },
  ])("$name", (each) => expectReplay(each));
});

describe("retries", () => {
  const once = turn(0, h.scheduled(0));
  const twice = turn(2, h.timerFired(1, 2), h.scheduled(2));
  it.each<Case>([
    {
      name: "wait after the first failure",
      history: [once, turn(1, h.failed(0))],
      output: h.says([h.retriedActivity(2)]),
      decisions: [wake(1, 2)],
    },
    {
      name: "try again after the wait",
      history: [once, turn(1, h.failed(0), h.timerCreated(1, 2)), turn(2, h.timerFired(1, 2))],
      output: h.says([h.retriedActivity(2)]),
      decisions: [call(2)],
    },
    {
      name: "wait longer the second time",
      history: [once, turn(1, h.failed(0), h.timerCreated(1, 2)), twice, turn(3, h.failed(2))],
      output: h.says([h.retriedActivity(3)]),
      decisions: [wake(3, 5)],
    },
    {
      name: "wait six days at most, the extension's own limit",
      history: [turn(0, h.scheduled(0)), turn(1, h.failed(0))],
      output: h.says([h.retriedActivity(2, undefined, 1000)]),
      decisions: [wake(1, 1 + 6 * day)],
    },
    {
      name: "use up a timer that is due at once when the last attempt has failed, as the SDK counts it",
      history: [once, turn(1, h.failed(0), h.timerCreated(1, 2)), twice, turn(3, h.failed(2))],
      output: h.says([h.retriedActivity(2), h.activity("after")]),
      decisions: [wake(3, 3)],
    },
    {
      name: "go on after that timer",
      history: [
        once,
        turn(1, h.failed(0), h.timerCreated(1, 2)),
        twice,
        turn(3, h.failed(2), h.timerCreated(3, 3)),
        turn(4, h.timerFired(3, 3)),
      ],
      output: h.says([h.retriedActivity(2), h.activity("after")]),
      decisions: [call(4, "after")],
    },
    {
      name: "end at once when an attempt succeeds",
      history: [once, turn(1, h.completed(0))],
      output: h.says([h.retriedActivity(2)], done),
      decisions: [],
      completion: completed,
    },
  ])("$name", (each) => expectReplay(each));
});

describe("timers", () => {
  const days = (count: number): number => count * day;
  it.each<Case>([
    {
      name: "six days are one timer",
      history: [turn(0)],
      output: h.says([h.timer(days(6))]),
      decisions: [wake(0, days(6))],
    },
    {
      name: "more begins with three days",
      history: [turn(0)],
      output: h.says([h.timer(days(7))]),
      decisions: [wake(0, days(3))],
    },
    {
      name: "goes on with three days while that many are left",
      history: [turn(0, h.timerCreated(0, days(3))), turn(days(3), h.timerFired(0, days(3)))],
      output: h.says([h.timer(days(7))]),
      decisions: [wake(1, days(6))],
    },
    {
      name: "ends with the rest",
      history: [
        turn(0, h.timerCreated(0, days(3))),
        turn(days(3), h.timerFired(0, days(3)), h.timerCreated(1, days(6))),
        turn(days(6) + 1, h.timerFired(1, days(6))),
      ],
      output: h.says([h.timer(days(7))]),
      decisions: [wake(2, days(7))],
    },
    {
      name: "uses no further timer when the steps end exactly in time",
      history: [
        turn(0, h.timerCreated(0, days(3))),
        turn(days(3), h.timerFired(0, days(3)), h.timerCreated(1, days(6))),
        turn(days(6), h.timerFired(1, days(6)), h.timerCreated(2, days(9))),
        turn(days(9), h.timerFired(2, days(9))),
      ],
      output: h.says([h.timer(days(9)), h.activity("after")]),
      decisions: [call(3, "after")],
    },
    {
      name: "a cancelled one is created, and holds nothing up",
      history: [turn(0)],
      output: h.says([h.timer(5, true), h.activity("after")]),
      decisions: [wake(0, 5), call(1, "after")],
    },
    {
      name: "one that is left behind keeps the execution going",
      history: [turn(0, h.scheduled(0), h.timerCreated(1, 5)), turn(1, h.completed(0))],
      output: h.says([h.any(h.activity(), h.timer(5))], done),
      decisions: [],
    },
  ])("$name", (each) => expectReplay(each));
});

describe("external events", () => {
  it.each<Case>([
    {
      name: "use no id",
      history: [turn(0)],
      output: h.says([h.all(h.waitFor("go"), h.activity())]),
      decisions: [call(0)],
    },
    {
      name: "are kept until somebody waits, whatever their case",
      history: [turn(0, h.scheduled(0), h.raised("GO")), turn(1, h.completed(0))],
      output: h.says([h.activity(), h.waitFor("go"), h.activity("after")]),
      decisions: [call(1, "after")],
    },
    {
      name: "go to the newest waiter, not to one that lost a race earlier",
      history: [turn(0, h.scheduled(0, "a")), turn(1, h.completed(0), h.scheduled(1, "b")), turn(2, h.raised("go"))],
      output: h.says([
        h.any(h.waitFor("go"), h.activity("a")),
        h.any(h.waitFor("go"), h.activity("b")),
        h.activity("after"),
      ]),
      decisions: [call(2, "after")],
    },
    {
      name: "one event is for one waiter",
      history: [turn(0, h.raised("go"))],
      output: h.says([h.waitFor("go"), h.waitFor("go"), h.activity("after")]),
      decisions: [],
    },
    {
      name: "a waiter does not keep the execution going",
      history: [turn(0, h.scheduled(0)), turn(1, h.completed(0))],
      output: h.says([h.any(h.waitFor("go"), h.activity())], done),
      decisions: [],
      completion: completed,
    },
  ])("$name", (each) => expectReplay(each));
});

describe("continue as new", () => {
  const early = h.raised("early");
  const late = h.raised("late");
  it.each<Case>([
    {
      name: "takes along what comes after the call, and nothing from before",
      history: [turn(0, early, h.scheduled(0)), turn(1, h.completed(0), late)],
      output: h.says([h.activity(), h.again({ n: 2 })], { output: null }),
      decisions: [],
      completion: { kind: "continued-as-new", inputJson: '{"n":2}', carriedOver: [late] },
    },
    {
      name: "waits for what is open",
      history: [turn(0, h.scheduled(0), h.timerCreated(1, 9)), turn(1, h.completed(0), late)],
      output: h.says([h.any(h.activity(), h.timer(9)), h.again({})], { output: null }),
      decisions: [],
    },
    {
      name: "is forgotten when the code fails behind it",
      history: [turn(0)],
      output: h.says([h.again({})], { error: "broken" }),
      decisions: [],
      completion: { kind: "failed", reason: "broken" },
    },
  ])("$name", (each) => expectReplay(each));
});

describe("what cannot go on says so", () => {
  const unsupported = (type: number): Action => ({ actionType: type });
  it.each([
    {
      name: "another name",
      history: turn(0, h.scheduled(0, "old")),
      action: h.activity("new"),
      says: /history has activity old with id 0, the code asks for activity new/,
    },
    {
      name: "another kind",
      history: turn(0, h.timerCreated(0, 1)),
      action: h.activity("new"),
      says: /history has timer with id 0, the code asks for activity new/,
    },
    {
      name: "nothing any more",
      history: turn(0, h.scheduled(1, "old")),
      action: h.activity(),
      says: /the code asks for nothing there/,
    },
    {
      name: "callHttp",
      history: turn(0),
      action: unsupported(actionType.callHttp),
      says: /callHttp is not supported locally/,
    },
    {
      name: "entities",
      history: turn(0),
      action: unsupported(actionType.callEntity),
      says: /Durable entities are not supported locally/,
    },
    {
      name: "locks",
      history: turn(0),
      action: unsupported(actionType.lockEntities),
      says: /Durable entities are not supported locally/,
    },
    {
      name: "an action of the future",
      history: turn(0),
      action: unsupported(99),
      says: /Action 99 is not supported locally/,
    },
    {
      name: "a retry timeout",
      history: turn(0),
      action: h.retriedActivity(2, 1000),
      says: /retryTimeoutInMilliseconds is not supported/,
    },
  ])("$name", ({ history, action, says }) => {
    expect(() => replay(history, h.says([action]))).toThrow(says);
  });

  it("a clock that was set back does not move the replay back", () => {
    const history = [
      ...turn(
        5,
        historyEvent.executionStarted(h.at(0), {
          instanceId: "one",
          executionId: "run",
          name: "flow",
          version: "",
          input: null,
          parent: null,
        }),
        h.scheduled(0),
      ),
      ...turn(2, h.failed(0)),
    ];
    expect(replay(history, h.says([h.retriedActivity(2)])).decisions).toEqual([wake(1, 6)]);
  });
});
