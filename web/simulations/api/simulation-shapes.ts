import { anyObject, flag, listOf, nullable, number, oneOf, optional, shape, text } from "../../page/shape.ts";
import type { Read } from "../../page/shape.ts";

const plan = oneOf("free", "pro", "enterprise");

/** An object whose members are all texts. */
const texts: Read<Readonly<Record<string, string>>> = (value, place = "value") =>
  Object.fromEntries(Object.entries(anyObject(value, place)).map(([key, one]) => [key, text(one, `${place}.${key}`)]));

const numbers: Read<Readonly<Record<string, number>>> = (value, place = "value") =>
  Object.fromEntries(
    Object.entries(anyObject(value, place)).map(([key, one]) => [key, number(one, `${place}.${key}`)]),
  );

/** Milliseconds, percentages of 100 and bits a second; an absent member means: none of it. */
export interface Impairment {
  readonly delayMilliseconds?: number | undefined;
  readonly jitterMilliseconds?: number | undefined;
  readonly lossPercent?: number | undefined;
  readonly rateBitsPerSecond?: number | undefined;
  readonly corruptionPercent?: number | undefined;
}
const readImpairment: Read<Impairment> = shape({
  ...{ delayMilliseconds: optional(number), jitterMilliseconds: optional(number), lossPercent: optional(number) },
  ...{ rateBitsPerSecond: optional(number), corruptionPercent: optional(number) },
});

const readDirection = shape({ from: text, to: text, impairment: readImpairment });
export type Direction = ReturnType<typeof readDirection>;

const readBudget = shape({ nodes: number, links: number, memoryMegabytes: number, cpus: number, runMinutes: number });
export type Budget = ReturnType<typeof readBudget>;

const nodeStates = ["absent", "created", "running", "paused", "exited"] as const;
export const statuses = [
  ...(["queued", "starting", "running", "pausing", "paused", "stopping", "stopped", "deleting"] as const),
  "failed",
] as const;
export type Status = (typeof statuses)[number];

const readNode = shape({
  ...{ name: text, image: optional(text), wanted: text, state: oneOf(...nodeStates) },
  ...{ health: optional(oneOf("starting", "healthy", "unhealthy")), exitCode: optional(number) },
  ...{ isOutOfMemory: optional(flag), addresses: texts },
  limits: optional(shape({ memoryMegabytes: number, cpus: number, pidsMax: number })),
});
export type SimulationNode = ReturnType<typeof readNode>;

const readLink = shape({
  ...{ name: text, nodes: listOf(text), subnet: optional(text), isDown: flag },
  directions: listOf(readDirection),
});
export type SimulationLink = ReturnType<typeof readLink>;

export const readSimulation = shape({
  ...{ id: text, name: text, status: oneOf(...statuses), wanted: text, revision: number },
  error: optional(shape({ code: text, detail: text })),
  ...{ createdAt: text, startedAt: optional(text), expiresAt: optional(text), seed: number },
  queue: optional(shape({ place: number, expectedAt: nullable(text) })),
  budget: readBudget,
  nodes: listOf(readNode),
  links: listOf(readLink),
  runs: shape({ last: optional(shape({ id: text, status: text })) }),
  trial: optional(
    shape({
      kit: shape({ id: text, name: text, version: text }),
      status: oneOf("running", "passed", "failed", "given-up"),
    }),
  ),
});
export type Simulation = ReturnType<typeof readSimulation>;

export const readList = shape({
  simulations: listOf(readSimulation),
  next: optional(text),
  /** By the same names: `simulations`, `minutes`, ... */
  ...{ limits: numbers, used: numbers },
});
export type SimulationList = ReturnType<typeof readList>;

export const readAccepted = shape({ simulation: readSimulation, operation: shape({ id: text, kind: text }) });

export const readOperation = shape({
  ...{ id: text, kind: text, status: oneOf("running", "succeeded", "failed", "superseded") },
  ...{ stepsDone: number, stepsTotal: number, step: optional(text) },
  error: optional(shape({ code: text, detail: text })),
});
export type Operation = ReturnType<typeof readOperation>;

const readFinding = shape({
  ...{ rule: text, severity: oneOf("error", "warning", "info"), line: number, column: number, reason: text },
});

export const readAssessment = shape({
  ...{ isValid: flag, findings: listOf(readFinding), budget: optional(readBudget) },
  ...{ lacks: listOf(text), requiredPlan: nullable(plan) },
});
export type Assessment = ReturnType<typeof readAssessment>;

export const readPlan = shape({
  steps: listOf(shape({ action: text, subject: text })),
  assessment: readAssessment,
});
export type ChangePlan = ReturnType<typeof readPlan>;

export const readTicket = shape({ ticket: text, path: text });
export type Ticket = ReturnType<typeof readTicket>;
