/** Cuts a pcap stream (as `tcpdump -w -` writes it) between frames. */
export interface PcapCutter {
  /** What of the file may be handed on now: whole frames, never more than the bound altogether. */
  add(piece: Uint8Array): Uint8Array;
  /** The next frame does not fit any more; nothing will be handed on. */
  isFull(): boolean;
}

const fileHeaderBytes = 24;
const frameHeaderBytes = 16;
const lengthOffset = 8;

/** So that a file which is ended by its bound, or by the end of its writer, can be read to its end. */
export const makePcapCutter = (bytesMax: number): PcapCutter => {
  let rest: Buffer = Buffer.alloc(0);
  let handedOn = 0;
  let isFull = false;

  /** Where the part of `rest` that begins here ends; undefined: not known yet, or not all there. */
  const endOfPart = (start: number): number | undefined => {
    if (handedOn + start === 0) return fileHeaderBytes;
    if (start + frameHeaderBytes > rest.length) return undefined;
    // In the byte order of this machine: writer and reader are the same one.
    return start + frameHeaderBytes + rest.readUInt32LE(start + lengthOffset);
  };

  return {
    isFull: () => isFull,
    add(piece) {
      rest = Buffer.concat([rest, piece]);
      let end = 0;
      for (let next = endOfPart(0); next !== undefined && next <= rest.length; next = endOfPart(end)) {
        isFull = isFull || handedOn + next > bytesMax;
        if (isFull) break;
        end = next;
      }
      const whole = rest.subarray(0, end);
      rest = isFull ? Buffer.alloc(0) : rest.subarray(end);
      handedOn += end;
      return whole;
    },
  };
};
