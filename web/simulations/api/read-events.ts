/** One event of a stream (`text/event-stream`). */
export interface StreamEvent {
  readonly event: string;
  /** Of this event, or of the last one before it that had one. */
  readonly lastId: string | undefined;
  readonly data: string;
}

/**
 * Takes a stream piece by piece, wherever it was cut, and gives the events that are whole by then (HTML standard, section
 * 9.2.6). Comments, and `retry`, are passed over.
 */
export const makeEventParser = (): ((piece: string) => readonly StreamEvent[]) => {
  let rest = "";
  let lastId: string | undefined;
  let event = "";
  let lines: string[] = [];
  const takeField = (line: string): void => {
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") lines.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) lastId = value;
  };
  const takeLine = (line: string): readonly StreamEvent[] => {
    if (line !== "") {
      takeField(line);
      return [];
    }
    const whole =
      lines.length === 0 ? [] : [{ event: event === "" ? "message" : event, lastId, data: lines.join("\n") }];
    event = "";
    lines = [];
    return whole;
  };
  return (piece) => {
    // Our servers end lines with a line feed; a carriage return before it is dropped, one alone is text.
    const [last = "", ...whole] = `${rest}${piece}`.split("\n").reverse();
    rest = last;
    return whole.reverse().flatMap((line) => takeLine(line.replace(/\r$/, "")));
  };
};

/** The events of an answer, as they come, until it ends. @throws what reading throws, also when its signal is aborted */
export async function* readEvents(answer: Response): AsyncGenerator<StreamEvent> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  const parse = makeEventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield* parse(value);
  }
}
