/** What a probe says wherever it arrives, so that a listener knows which one it was. Fits into a DNS label and one packet. */
export const probeWords = (number: number): string => `probe-${number}-end`;

/** The number of the probe whose words are in these bytes. */
export const readProbeWords = (bytes: Uint8Array): number | undefined => {
  const [, number] = /probe-(\d{1,6})-end/.exec(Buffer.from(bytes).toString("latin1")) ?? [];
  return number === undefined ? undefined : Number(number);
};
