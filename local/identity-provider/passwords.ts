import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

import type { Account } from "./seed.ts";

// A quarter of the usual cost: the passwords are public, and eleven hashes must not hold up the start.
const cost = 4096;
const hashBytes = 32;

interface StoredHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, { cost }, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });

const hashOf = async (password: string): Promise<StoredHash> => {
  const salt = randomBytes(16);
  return { salt, hash: await derive(password, salt) };
};

/** True when the password is the account's. Takes as long for nobody (`undefined`) as for somebody. */
export type CheckPassword = (account: Account | undefined, password: string) => Promise<boolean>;

/** Hashes the seeded passwords once; after that only hashes are compared, in constant time. */
export const makeCheckPassword = async (accounts: readonly Account[]): Promise<CheckPassword> => {
  const nobody = await hashOf(randomBytes(32).toString("hex"));
  const entries = accounts.map(async ({ sub, password }) => [sub, await hashOf(password)] as const);
  const hashes = new Map(await Promise.all(entries));
  return async (account, password) => {
    const { salt, hash } = (account === undefined ? undefined : hashes.get(account.sub)) ?? nobody;
    const isEqual = timingSafeEqual(await derive(password, salt), hash);
    return isEqual && account !== undefined;
  };
};
