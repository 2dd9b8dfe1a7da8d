import type { IncomingMessage } from "node:http";
import { request } from "node:http";

export interface ReadEvent {
  readonly event: string;
  readonly id?: number;
  readonly data: unknown;
}

export interface EventReader {
  readonly status: number;
  /** The next event, comments left out; undefined when the stream has ended. */
  next(): Promise<ReadEvent | undefined>;
  /** All until the end. */
  rest(): Promise<readonly ReadEvent[]>;
  /** Everything that came so far, as it came. */
  text(): string;
  leave(): void;
  readonly response: IncomingMessage;
}

const fieldOf = (block: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];

const parse = (block: string): ReadEvent | undefined => {
  const [event, id, data] = [fieldOf(block, "event"), fieldOf(block, "id"), fieldOf(block, "data")];
  if (event === undefined || data === undefined) return undefined;
  return { event, ...(id === undefined ? {} : { id: Number(id) }), data: JSON.parse(data) };
};

/** Reads a stream of events from a real server, frame by frame. */
export const readEvents = (url: string, headers: Readonly<Record<string, string>>): Promise<EventReader> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      let [text, unread] = ["", ""];
      const chunks = response.setEncoding("utf8")[Symbol.asyncIterator]();
      const next = async (): Promise<ReadEvent | undefined> => {
        for (;;) {
          const end = unread.indexOf("\n\n");
          if (end < 0) {
            const chunk = await chunks.next().catch(() => ({ done: true }) as const);
            if (chunk.done === true) return undefined;
            text += String(chunk.value);
            unread += String(chunk.value);
            continue;
          }
          const event = parse(unread.slice(0, end));
          unread = unread.slice(end + 2);
          if (event !== undefined) return event;
        }
      };
      const rest = async (): Promise<readonly ReadEvent[]> => {
        const events: ReadEvent[] = [];
        for (let event = await next(); event !== undefined; event = await next()) events.push(event);
        return events;
      };
      const leave = (): void => void outgoing.destroy();
      resolve({ status: response.statusCode ?? 0, next, rest, text: () => text, leave, response });
    });
    outgoing.end();
  });
