import { DomainError } from "../../kernel/errors.ts";

/** SQLite's primary result codes for a store that cannot answer now: busy, locked, read-only, I/O, full, cannot open. */
const unavailableCodes = new Set([5, 6, 8, 10, 13, 14]);

const busyCode = 5;

/** SQLite's primary result code, when the error is SQLite's. */
const resultCode = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;

/** Whether another connection is in the way at the moment. */
export const isBusy = (error: unknown): boolean => resultCode(error) === busyCode;

/** A failure as callers of the store know it. */
export const translated = (error: unknown): unknown =>
  unavailableCodes.has(resultCode(error) ?? 0)
    ? new DomainError("unavailable", "The document store cannot answer at present.", { cause: error })
    : error;

/** Runs synchronous work as a promise: failures reject, and a store that is busy or full is `unavailable`. */
export const answer = <R>(work: () => R): Promise<R> =>
  new Promise((resolve, reject) => {
    try {
      resolve(work());
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passes on whatever was thrown
      reject(translated(error));
    }
  });
