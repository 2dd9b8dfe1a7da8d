import { z } from "zod";
import { ownerOf } from "./labels.ts";
import type { Owner } from "./ports.ts";

const lineCharactersMax = 65_536;

/** What is worth a look; commands run in a node are not, and would flood who watches. `health_status` comes with its state behind it. */
export const watchedActions = ["create", "start", "die", "oom", "pause", "unpause", "destroy", "health_status"];

/** Part of one line that `GET /events` answers. */
const Event = z.object({
  Action: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
});

/** A change of one of our containers. `exitCode` comes with `die`. */
export interface ContainerEvent {
  readonly owner: Owner;
  readonly action: string;
  readonly exitCode?: number;
}

const jsonOf = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const eventOf = (line: string): readonly ContainerEvent[] => {
  const event = Event.safeParse(jsonOf(line)).data;
  const attributes = event?.Actor.Attributes;
  const owner = ownerOf(attributes);
  if (event === undefined || owner === undefined) return [];
  const code = attributes?.["exitCode"];
  return [{ owner, action: event.Action, ...(code === undefined ? {} : { exitCode: Number(code) }) }];
};

/** Reads one JSON object a line. They are hints: what cannot be read, or is longer than 64 kB, is passed over. */
export const eventReader = (): ((chunk: Uint8Array) => readonly ContainerEvent[]) => {
  const decoder = new TextDecoder();
  let text = "";
  return (chunk) => {
    const lines = `${text}${decoder.decode(chunk, { stream: true })}`.split("\n");
    text = (lines.pop() ?? "").slice(0, lineCharactersMax);
    return lines.flatMap(eventOf);
  };
};
