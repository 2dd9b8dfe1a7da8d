import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { addressNumber } from "./ethernet.ts";
import { lastError, libcCalls, succeeded } from "./libc.ts";

/** A network interface whose other end is this process: what the kernel sends to it is read here. */
export interface Tap {
  readonly descriptor: number;
  readonly name: string;
  /** The interface's own Ethernet address, as a number. */
  readonly address: number;
}

const O_RDWR = 0x2;
const O_NONBLOCK = 0x800;
const O_CLOEXEC = 0x8_0000;
const TUNSETIFF = 0x4004_54ca;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
const ifreqBytes = 40;
const interfaceNameBytes = 16;

/**
 * Makes a tap that is gone with this process. The kernel numbers the name: `prefix` and the lowest free number.
 * @throws Error when the kernel refuses
 */
export const openTap = (prefix: string): Tap => {
  const descriptor = succeeded("open /dev/net/tun", libcCalls.open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  try {
    const request = Buffer.alloc(ifreqBytes);
    request.write(`${prefix}%d`, 0, "latin1");
    request.writeUInt16LE(IFF_TAP | IFF_NO_PI, interfaceNameBytes);
    succeeded("TUNSETIFF", libcCalls.ioctl(descriptor, TUNSETIFF, request));
    const name = request.toString("latin1", 0, request.indexOf(0));
    // The host has nothing to say on a tap: without an address of its own, not even where it is a neighbour.
    const setting = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`;
    if (existsSync(setting)) writeFileSync(setting, "1");
    const address = addressNumber(readFileSync(`/sys/class/net/${name}/address`, "latin1").trim());
    return { descriptor, name, address };
  } catch (error) {
    libcCalls.close(descriptor);
    throw error;
  }
};

/**
 * The next frame, in the buffer's first bytes; undefined: there is none now.
 * @throws Error when the tap is gone
 */
export const readFrame = ({ descriptor, name }: Tap, buffer: Buffer): Buffer | undefined => {
  const length = libcCalls.read(descriptor, buffer, buffer.length);
  if (length > 0) return buffer.subarray(0, length);
  if (lastError() === constants.errno.EAGAIN || lastError() === constants.errno.EINTR) return undefined;
  succeeded(`read ${name}`, -1);
  return undefined;
};
