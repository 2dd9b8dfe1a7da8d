const steadySeconds = 3;
const growth = 2;
const longestSeconds = 60;

/** Seconds until the next question: three, and after failures more and more of them, up to a minute. */
export const pollSeconds = (failures: number): number => Math.min(longestSeconds, steadySeconds * growth ** failures);
