const c1 = 0xcc9e2d51;
const c2 = 0x1b873593;
const encoder = new TextEncoder();

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

const finish = (mixed: number): number => {
  let hash = mixed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** MurmurHash3 x86 32-bit, seed 0, of the text's UTF-8 bytes: 0 to 2^32 - 1. The same in every language that has it. */
export const murmur3 = (text: string): number => {
  const bytes = encoder.encode(text);
  const { length } = bytes;
  const tail = length & ~3;
  let hash = 0;
  for (let at = 0; at < tail; at += 4) {
    const block =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    hash ^= Math.imul(rotate(Math.imul(block, c1), 15), c2);
    hash = (Math.imul(rotate(hash, 13), 5) + 0xe6546b64) | 0;
  }
  if (length > tail) {
    const rest = (bytes[tail] ?? 0) | ((bytes[tail + 1] ?? 0) << 8) | ((bytes[tail + 2] ?? 0) << 16);
    hash ^= Math.imul(rotate(Math.imul(rest, c1), 15), c2);
  }
  return finish(hash ^ length);
};

export const bucketsCount = 10_000;

/**
 * A tenant's place in a flag's rollout, 0 to 9,999: floor(murmur3("<flag key>/<targeting key>") * 10,000 / 2^32). Of a
 * rollout to P percent are those below P * 100, so growing P never takes anybody out, and each flag mixes anew.
 */
export const flagBucket = (flagKey: string, targetingKey: string): number =>
  Math.floor((murmur3(`${flagKey}/${targetingKey}`) * bucketsCount) / 2 ** 32);
