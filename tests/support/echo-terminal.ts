import type { Terminal } from "../../sim-host/engine/ports.ts";

/** A program in a terminal that says back what it is told, and what becomes of it. */
export interface EchoTerminal extends Terminal {
  readonly sizes: readonly unknown[];
  readonly isClosed: () => boolean;
  /** Has it print by itself. */
  print(bytes: Uint8Array): void;
  /** Ends it from inside. */
  exit(): void;
}

export const echoTerminal = (): EchoTerminal => {
  const waiting: Uint8Array[] = [];
  const sizes: unknown[] = [];
  let wake = Promise.withResolvers<undefined>();
  let isOver = false;
  const tell = (): void => {
    wake.resolve(undefined);
    wake = Promise.withResolvers();
  };
  const print = (bytes: Uint8Array): void => {
    waiting.push(bytes);
    tell();
  };
  const exit = (): void => {
    isOver = true;
    tell();
  };
  async function* output(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = wake.promise;
      const chunk = waiting.shift();
      if (chunk !== undefined) yield chunk;
      else if (isOver) return;
      else await next;
    }
  }
  return {
    output: output(),
    sizes,
    print,
    exit,
    isClosed: () => isOver,
    write(bytes) {
      print(bytes);
      return Promise.resolve();
    },
    resize: (size) => Promise.resolve(void sizes.push(size)),
    close() {
      exit();
      return Promise.resolve();
    },
  };
};
