/** Numbers of Azure/durabletask `EventType`, as the SDK reads them. */
export const eventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationInstanceCreated: 7,
  subOrchestrationInstanceCompleted: 8,
  subOrchestrationInstanceFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
} as const;

/** One event of an execution's history, in the form in which the SDK and the status API know it. */
export interface HistoryEvent {
  readonly EventType: number;
  /** The id of the decision for scheduled and created events, otherwise -1. */
  readonly EventId: number;
  readonly IsPlayed: boolean;
  /** ISO 8601 UTC. */
  readonly Timestamp: string;
  readonly [member: string]: unknown;
}

/** The parent of a sub-orchestration: whom to tell the result, and under which task id. */
export interface ParentInstance {
  readonly Name: string;
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly TaskScheduleId: number;
  readonly Version: string;
}

const make = (type: number, id: number, at: string, members: Readonly<Record<string, unknown>> = {}): HistoryEvent => ({
  EventType: type,
  EventId: id,
  IsPlayed: false,
  Timestamp: at,
  ...members,
});

export interface Started {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  /** JSON text, or null for none. */
  readonly input: string | null;
  readonly parent: ParentInstance | null;
}

/** Makers of events; `at` is ISO 8601 UTC. Reason and Details are both always strings: the SDK throws otherwise. */
export const historyEvent = {
  orchestratorStarted: (at: string) => make(eventType.orchestratorStarted, -1, at),
  orchestratorCompleted: (at: string) => make(eventType.orchestratorCompleted, -1, at),
  executionStarted: (at: string, { instanceId, executionId, name, version, input, parent }: Started) =>
    make(eventType.executionStarted, -1, at, {
      OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
      ParentInstance: parent,
      Name: name,
      Version: version,
      Input: input,
      Tags: null,
    }),
  executionCompleted: (at: string, status: string, result: string | null) =>
    make(eventType.executionCompleted, -1, at, { OrchestrationStatus: status, Result: result }),
  executionTerminated: (at: string, reason: string) => make(eventType.executionTerminated, -1, at, { Input: reason }),
  taskScheduled: (at: string, id: number, name: string) =>
    make(eventType.taskScheduled, id, at, { Name: name, Version: "", Input: null }),
  taskCompleted: (at: string, taskId: number, result: string | null) =>
    make(eventType.taskCompleted, -1, at, { TaskScheduledId: taskId, Result: result }),
  taskFailed: (at: string, taskId: number, reason: string, details: string) =>
    make(eventType.taskFailed, -1, at, { TaskScheduledId: taskId, Reason: reason, Details: details }),
  subCreated: (at: string, id: number, name: string, instanceId: string) =>
    make(eventType.subOrchestrationInstanceCreated, id, at, {
      Name: name,
      InstanceId: instanceId,
      Version: "",
      Input: null,
    }),
  subCompleted: (at: string, taskId: number, result: string | null) =>
    make(eventType.subOrchestrationInstanceCompleted, -1, at, { TaskScheduledId: taskId, Result: result }),
  subFailed: (at: string, taskId: number, reason: string, details: string) =>
    make(eventType.subOrchestrationInstanceFailed, -1, at, {
      TaskScheduledId: taskId,
      Reason: reason,
      Details: details,
    }),
  timerCreated: (at: string, id: number, fireAt: string) => make(eventType.timerCreated, id, at, { FireAt: fireAt }),
  timerFired: (at: string, timerId: number, fireAt: string) =>
    make(eventType.timerFired, -1, at, { TimerId: timerId, FireAt: fireAt }),
  eventRaised: (at: string, name: string, input: string | null) =>
    make(eventType.eventRaised, -1, at, { Name: name, Input: input }),
} as const;

/** A numeric member of an event; -1 when it is not there. */
export const numberOf = (event: HistoryEvent, member: string): number => {
  const value = event[member];
  return typeof value === "number" ? value : -1;
};

/** A text member of an event, or null. */
export const textOf = (event: HistoryEvent, member: string): string | null => {
  const value = event[member];
  return typeof value === "string" ? value : null;
};
