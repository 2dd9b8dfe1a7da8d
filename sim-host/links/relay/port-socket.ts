import { libcCalls, succeeded } from "./libc.ts";
import type { Transmit } from "./relay-port.ts";

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x8_0000;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const MSG_DONTWAIT = 0x40;
const socketAddressBytes = 20;

/** A way to put frames on an interface, past its filters. */
export interface PortSocket {
  readonly transmit: Transmit;
  close(): void;
}

/**
 * Frames written here leave the interface with this index at once: they do not meet the filter that sent them to us. The
 * socket receives nothing (protocol 0). @throws Error when there is no such interface
 */
export const openPortSocket = (interfaceIndex: number): PortSocket => {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const descriptor = succeeded("socket", libcCalls.socket(AF_PACKET, type, 0));
  const close = (): void => void libcCalls.close(descriptor);
  try {
    const on = Buffer.alloc(4);
    on.writeInt32LE(1);
    const option = libcCalls.setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, on, on.length);
    succeeded("PACKET_QDISC_BYPASS", option);
    const address = Buffer.alloc(socketAddressBytes);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeInt32LE(interfaceIndex, 4);
    succeeded("bind", libcCalls.bind(descriptor, address, address.length));
  } catch (error) {
    close();
    throw error;
  }
  return {
    transmit: (frame, length) => libcCalls.send(descriptor, frame, length, MSG_DONTWAIT) === length,
    close,
  };
};
