const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Base 32 of RFC 4648 in lower case, without padding; bits beyond the last whole character are dropped. */
export const base32 = (bytes: Uint8Array): string => {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join("");
};
