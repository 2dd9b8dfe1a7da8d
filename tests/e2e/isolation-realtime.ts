/** One realtime connection (SSE) of PocketBase, read with plain fetch. */
export interface RealtimeClient {
  /** Replaces the topics; gives the status of the answer. */
  subscribe(topics: readonly string[], token: string | undefined): Promise<number>;
  /** Everything received so far. */
  received(): string;
  /** Settles when the server ends the connection, or `close` does; rejects after five seconds. */
  readonly ended: Promise<void>;
  close(): void;
}

const readInto = async (body: ReadableStream<Uint8Array>, append: (text: string) => void): Promise<void> => {
  const decoder = new TextDecoder();
  for await (const chunk of body) append(decoder.decode(chunk, { stream: true }));
};

const withinMilliseconds = 5000;

/** Waits for a condition, looking again whenever the event loop turns. */
export const eventually = async (isTrue: () => boolean, what: string): Promise<void> => {
  const deadline = Date.now() + withinMilliseconds;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMilliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

export const connectRealtime = async (url: string): Promise<RealtimeClient> => {
  const controller = new AbortController();
  const response = await fetch(`${url}/api/realtime`, { signal: controller.signal });
  let text = "";
  let isOver = false;
  if (response.body === null) throw new Error("realtime answered without a body");
  readInto(response.body, (more) => {
    text += more;
  })
    .catch((error: unknown) => {
      // The server, or a gateway before it, closes in the middle of what could have been an endless answer.
      const isCut = error instanceof TypeError && error.message === "terminated";
      if (!controller.signal.aborted && !isCut) throw error;
    })
    .finally(() => {
      isOver = true;
    });
  await eventually(() => text.includes("clientId"), "the connection's first message");
  const clientId = /"clientId":"([^"]+)"/u.exec(text)?.[1];
  return {
    subscribe: async (topics, token) => {
      const answer = await fetch(`${url}/api/realtime`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(token === undefined ? {} : { authorization: token }) },
        body: JSON.stringify({ clientId, subscriptions: topics }),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    received: () => text,
    get ended() {
      return eventually(() => isOver, "the connection's end");
    },
    close: () => {
      controller.abort();
    },
  };
};
