const headerBytes = 8;

/** A part of what a program wrote: one of its writes may come in several. */
export interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
  /** Whether the write ends here. */
  readonly isLast: boolean;
}

/**
 * Takes apart the engine's stream of both outputs of a program: frames of a header (1 byte: 1 stdout, 2 stderr; 3 bytes: 0; 4 bytes:
 * length, highest first) and that many bytes. Nothing is held back but a header that is not whole yet.
 */
export const frameReader = (): ((chunk: Uint8Array) => readonly Piece[]) => {
  let header = Buffer.alloc(0);
  let stream: Piece["stream"] = "stdout";
  let missingBytes = 0;
  return (chunk) => {
    const pieces: Piece[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (missingBytes > 0) {
        const bytes = rest.subarray(0, missingBytes);
        missingBytes -= bytes.length;
        rest = rest.subarray(bytes.length);
        pieces.push({ stream, bytes, isLast: missingBytes === 0 });
        continue;
      }
      const begin = rest.subarray(0, headerBytes - header.length);
      rest = rest.subarray(begin.length);
      header = Buffer.concat([header, begin]);
      if (header.length < headerBytes) break;
      stream = header[0] === 2 ? "stderr" : "stdout";
      missingBytes = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
    return pieces;
  };
};
