import koffi from "koffi";
import { getSystemErrorName } from "node:util";

// The few calls of the C library that Node does not offer: taps and sockets below IP. See tap(4), packet(7), ppoll(2).
const libc = koffi.load("libc.so.6");

const open: (path: string, flags: number) => number = libc.func("int open(const char *path, int flags)");
const ioctl: (descriptor: number, request: number, argument: Buffer) => number = libc.func(
  "int ioctl(int descriptor, unsigned long request, void *argument)",
);
const socket: (domain: number, type: number, protocol: number) => number = libc.func(
  "int socket(int domain, int type, int protocol)",
);
const bind: (descriptor: number, address: Buffer, length: number) => number = libc.func(
  "int bind(int descriptor, void *address, uint32_t length)",
);
const setsockopt: (
  ...given: [descriptor: number, level: number, option: number, value: Buffer, length: number]
) => number = libc.func("int setsockopt(int descriptor, int level, int option, void *value, uint32_t length)");
const read: (descriptor: number, buffer: Buffer, length: number) => number = libc.func(
  "int64_t read(int descriptor, void *buffer, uint64_t length)",
);
const send: (descriptor: number, buffer: Buffer, length: number, flags: number) => number = libc.func(
  "int64_t send(int descriptor, void *buffer, uint64_t length, int flags)",
);
const ppoll: (descriptors: Buffer, count: number, timeout: Buffer, signals: null) => number = libc.func(
  "int ppoll(void *descriptors, unsigned long count, void *timeout, void *signals)",
);
const sched_setscheduler: (thread: number, policy: number, parameters: Buffer) => number = libc.func(
  "int sched_setscheduler(int thread, int policy, void *parameters)",
);
const close: (descriptor: number) => number = libc.func("int close(int descriptor)");

export const libcCalls = { open, ioctl, socket, bind, setsockopt, read, send, ppoll, sched_setscheduler, close };

/** The number of the last call's error, as in errno(3). */
export const lastError = (): number => koffi.errno();

/** What the call answered. @throws Error with the name of the system's error when it failed */
export const succeeded = (call: string, result: number): number => {
  if (result < 0) throw new Error(`${call}: ${getSystemErrorName(-lastError())}`);
  return result;
};
