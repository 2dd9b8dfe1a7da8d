import { constants } from "node:os";
import { lastError, libcCalls, succeeded } from "./libc.ts";

const POLLIN = 0x1;
const entryBytes = 8;
const askedOffset = 4;
const answeredOffset = 6;

/** Descriptors that are waited for together. */
export interface PollSet {
  /** Whether there is anything to read, or an error to be read, at the descriptor with this place in the set. */
  isReady(place: number): boolean;
  /** Returns when one of them is ready, or after this time. */
  wait(milliseconds: number): void;
}

/** Nanoseconds matter: poll(2) knows whole milliseconds only, which is a tenth of a delay of 10. */
const writeTimeout = (timeout: Buffer, milliseconds: number): void => {
  const seconds = Math.floor(milliseconds / 1000);
  timeout.writeBigInt64LE(BigInt(seconds), 0);
  timeout.writeBigInt64LE(BigInt(Math.floor((milliseconds - seconds * 1000) * 1e6)), 8);
};

export const makePollSet = (descriptors: readonly number[]): PollSet => {
  const entries = Buffer.alloc(descriptors.length * entryBytes);
  const timeout = Buffer.alloc(16);
  descriptors.forEach((descriptor, place) => {
    entries.writeInt32LE(descriptor, place * entryBytes);
    entries.writeInt16LE(POLLIN, place * entryBytes + askedOffset);
  });
  const forgetAnswers = (): void =>
    descriptors.forEach((_, place) => entries.writeInt16LE(0, place * entryBytes + answeredOffset));
  return {
    isReady: (place) => entries.readInt16LE(place * entryBytes + answeredOffset) !== 0,
    wait(milliseconds) {
      writeTimeout(timeout, Math.max(0, milliseconds));
      if (libcCalls.ppoll(entries, descriptors.length, timeout, null) >= 0) return;
      if (lastError() !== constants.errno.EINTR) succeeded("ppoll", -1);
      // A signal came: what the answers say is of the time before.
      forgetAnswers();
    },
  };
};
