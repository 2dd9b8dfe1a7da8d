const sourceOffset = 6;
const addressBytes = 6;

/** An address such as `02:42:0a:6f:03:02` as a number: addresses of frames are compared without making strings. */
export const addressNumber = (address: string): number => parseInt(address.replaceAll(":", ""), 16);

/** Who sent a frame, as a number; undefined: it is too short to say so. */
export const sourceOf = (frame: Buffer): number | undefined =>
  frame.length < sourceOffset + addressBytes ? undefined : frame.readUIntBE(sourceOffset, addressBytes);
