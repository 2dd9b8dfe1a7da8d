import { z } from "zod";
import { chunksOf } from "./chunks.ts";
import type { DockerClient } from "./docker-client.ts";
import type { DockerId } from "./ports.ts";

/** Part of one line that `GET /events` answers about a network. */
const Event = z.object({ Actor: z.object({ Attributes: z.object({ container: z.string() }) }) });
const lineCharactersMax = 65_536;

/** Who waits, by container: how many networks it has yet to come to. */
type Waiting = Map<string, { missing: number; readonly onConnected: () => void }>;

const tell = (waiting: Waiting, line: string): void => {
  const event = Event.safeParse(JSON.parse(line)).data;
  const one = waiting.get(event?.Actor.Attributes.container ?? "");
  if (one === undefined) return;
  one.missing -= 1;
  if (one.missing === 0) one.onConnected();
};

const read = async (stream: NodeJS.ReadableStream, waiting: Waiting): Promise<void> => {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunksOf(stream)) {
    const lines = `${text}${decoder.decode(chunk, { stream: true })}`.split("\n");
    text = (lines.pop() ?? "").slice(0, lineCharactersMax);
    for (const line of lines) tell(waiting, line);
  }
};

/** Runs an act, and says in between when a container has come to that many networks. A hint: it may never be said. */
export type ConnectWatch = <T>(
  id: DockerId,
  networks: number,
  onConnected: () => void,
  act: () => Promise<T>,
) => Promise<T>;

/** Listens to the engine while any act is under way: one socket for all of them. */
export const connectWatch = ({ open }: DockerClient): ConnectWatch => {
  const waiting: Waiting = new Map();
  let listening: { readonly isOpen: Promise<unknown>; readonly end: AbortController } | undefined;

  const listen = (): Promise<unknown> => {
    const end = new AbortController();
    const opened = open("watch the networks", end.signal, (docker, abortSignal) =>
      docker.all.getEvents({ filters: JSON.stringify({ type: ["network"], event: ["connect"] }), abortSignal }),
    );
    void opened
      .then((stream) => read(stream, waiting))
      .catch(() => undefined)
      .finally(() => {
        if (listening?.end === end) listening = undefined;
      });
    const isOpen = opened.catch(() => undefined);
    listening = { isOpen, end };
    return isOpen;
  };

  return async (id, networks, onConnected, act) => {
    waiting.set(id, { missing: networks, onConnected });
    try {
      await (listening?.isOpen ?? listen());
      return await act();
    } finally {
      waiting.delete(id);
      if (waiting.size === 0) listening?.end.abort();
    }
  };
};
