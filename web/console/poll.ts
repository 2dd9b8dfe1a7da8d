const firstDelaySeconds = 2;
const steadyPolls = 15;
const growth = 1.3;
const delaySecondsMax = 15;
const pollsMax = 100;

/**
 * Seconds to wait before asking again: every two seconds for half a minute, then less and less often. Undefined when it
 * is time to let the person ask, after about twenty minutes.
 * @param count how often was asked since something last changed
 */
export const pollDelaySeconds = (count: number): number | undefined => {
  if (count >= pollsMax) return undefined;
  return Math.min(delaySecondsMax, firstDelaySeconds * growth ** Math.max(0, count - steadyPolls));
};
