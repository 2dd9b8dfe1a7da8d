/** Room for frames under way. */
export interface FrameStore {
  /** A copy to keep; undefined: there is no room. Its first `length` bytes are the frame. */
  keep(frame: Buffer): Buffer | undefined;
  /** The copy is not used any more. */
  giveBack(copy: Buffer): void;
}

/** Holds a frame of an ordinary network; others get memory of their own. */
const slotBytes = 2048;
/** Slots beyond this are left to the garbage collector: a burst is not kept for ever. */
const spareSlotsMax = 4096;

/** Slots are used again and again, so that a busy link makes no garbage to collect. */
export const makeFrameStore = (bytesMax: number): FrameStore => {
  const spare: Buffer[] = [];
  let bytes = 0;
  return {
    keep(frame) {
      const size = Math.max(slotBytes, frame.length);
      if (bytes + size > bytesMax) return undefined;
      bytes += size;
      const slot = (size === slotBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
      frame.copy(slot);
      return slot;
    },
    giveBack(copy) {
      bytes -= copy.length;
      if (copy.length === slotBytes && spare.length < spareSlotsMax) spare.push(copy);
    },
  };
};
