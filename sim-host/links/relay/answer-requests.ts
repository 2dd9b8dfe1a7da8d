import { readSync, writeSync } from "node:fs";
import type { RelayAnswer } from "./messages.ts";
import { RelayRequest } from "./messages.ts";
import type { PortTable } from "./port-table.ts";
import { makeLineReader } from "./request-lines.ts";

const pieceBytes = 65_536;

const write = (answer: RelayAnswer): void => {
  let rest = Buffer.from(`${JSON.stringify(answer)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
};

/**
 * Reads what has come on standard input and answers each request on standard output. To be called when there is something to
 * read. False: the parent is gone.
 */
export const makeRequestAnswerer = (table: PortTable): (() => boolean) => {
  const piece = Buffer.alloc(pieceBytes);
  const linesOf = makeLineReader();

  const answer = (line: string): void => {
    const request = RelayRequest.parse(JSON.parse(line));
    try {
      write({ id: request.id, ...table.answer(request) });
    } catch (error) {
      write({ id: request.id, error: error instanceof Error ? error.message : String(error) });
    }
  };

  return () => {
    const length = readSync(0, piece);
    if (length === 0) return false;
    linesOf(piece.subarray(0, length)).forEach(answer);
    return true;
  };
};
