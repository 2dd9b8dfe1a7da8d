import { createHash } from "node:crypto";

/** The next number of a sequence, at least 0 and less than 1. */
export type Random = () => number;

const warmUpDraws = 12;

/**
 * The sequence that belongs to a seed: sfc32 (Chris Doty-Humphrey's "small fast chaotic" generator, PractRand), begun with
 * the first three words of the seed's SHA-256. Not for secrets.
 */
export const makeRandom = (seed: string): Random => {
  const digest = createHash("sha256").update(seed).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;
  const draw = (): number => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return (word >>> 0) / 0x1_0000_0000;
  };
  for (let count = 0; count < warmUpDraws; count += 1) draw();
  return draw;
};
