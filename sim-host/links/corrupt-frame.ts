const ethernetHeaderBytes = 14;
const ipv6HeaderBytes = 40;
const etherTypeOffset = 12;

/** The first byte that a checksum of IPv4, ICMP, TCP or UDP covers; undefined where nothing would notice a wrong bit. */
const firstCheckedByte = (frame: Buffer): number | undefined => {
  if (frame.length <= ethernetHeaderBytes) return undefined;
  switch (frame.readUInt16BE(etherTypeOffset)) {
    case 0x0800:
      return ethernetHeaderBytes;
    case 0x86dd:
      // IPv6 has no checksum over its header.
      return ethernetHeaderBytes + ipv6HeaderBytes;
    default:
      return undefined;
  }
};

/**
 * Flips the one bit that lies at this share (0 to less than 1) of the bits whose damage the receiver notices by itself.
 * False: there are none, as in ARP. A receiver would believe such a frame, where on a real wire the checksum of Ethernet
 * ends it: it must be dropped.
 */
export const corruptFrame = (frame: Buffer, share: number): boolean => {
  const first = firstCheckedByte(frame);
  if (first === undefined || first >= frame.length) return false;
  const bit = Math.floor(share * (frame.length - first) * 8);
  const offset = first + (bit >> 3);
  frame.writeUInt8(frame.readUInt8(offset) ^ (1 << (bit & 7)), offset);
  return true;
};
