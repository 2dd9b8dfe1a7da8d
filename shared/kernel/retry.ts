/** Bounds of a loop that meets contention: attempts and a jittered pause between them. */
export interface RetryPolicy {
  readonly attemptsMax: number;
  /** Upper bound of the pause before attempt n is `n * pauseMillisecondsMax / attemptsMax`, chosen at random. */
  readonly pauseMillisecondsMax: number;
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Repeats `attempt` while it throws an error that `isContention` recognises, at most `attemptsMax` times.
 * @throws the last contention error when the attempts are used up; any other error at once
 */
export const retryContention = async <T>(
  policy: RetryPolicy,
  isContention: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> => {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isContention(error) || count >= policy.attemptsMax) throw error;
      await policy.sleep(Math.ceil((policy.random() * policy.pauseMillisecondsMax * count) / policy.attemptsMax));
    }
  }
};
