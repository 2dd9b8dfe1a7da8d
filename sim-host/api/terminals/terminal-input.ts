import { z } from "zod";
import type { Terminal } from "../../engine/ports.ts";

const cells = { min: 1, max: 500 } as const;

/** Columns or rows. */
export const Cells = z.int().min(cells.min).max(cells.max);

const Resize = z.strictObject({ type: z.literal("resize"), columns: Cells, rows: Cells });

/** A message that is neither keys nor a resize. */
export class BadMessage extends Error {
  override readonly name = "BadMessage";
}

/** A message as it came: bytes of a binary frame for the program, or the text of a resize. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly isBinary: boolean;
}

const sizeIn = (bytes: Uint8Array): z.infer<typeof Resize> => {
  try {
    return Resize.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    throw new BadMessage("A text frame is no resize.", { cause });
  }
};

/** Passes one message on. @throws BadMessage, and what the terminal throws */
export const passOn = async (terminal: Terminal, { bytes, isBinary }: Message): Promise<void> => {
  if (isBinary) await terminal.write(bytes);
  else {
    const { columns, rows } = sizeIn(bytes);
    await terminal.resize({ columns, rows });
  }
};
