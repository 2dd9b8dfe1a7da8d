export interface GatherLimits {
  /** Ids in one message. */
  readonly sizeMax: number;
  /** Messages on their way at the same time. */
  readonly parallelMax: number;
}

interface Waiting {
  readonly id: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends at once when nothing is on its way, and otherwise gathers what comes meanwhile into one message. Every caller is
 * answered when the message with its id has gone, or with the failure of that message.
 */
export const gatherSends = (
  { sizeMax, parallelMax }: GatherLimits,
  sendMessage: (ids: readonly string[]) => Promise<void>,
): ((id: string) => Promise<void>) => {
  const waiting: Waiting[] = [];
  let underWay = 0;
  const flush = (): void => {
    while (underWay < parallelMax && waiting.length > 0) void sendSome(waiting.splice(0, sizeMax));
  };
  const sendSome = async (some: readonly Waiting[]): Promise<void> => {
    underWay += 1;
    try {
      await sendMessage([...new Set(some.map(({ id }) => id))]);
      for (const { resolve } of some) resolve();
    } catch (error) {
      for (const { reject } of some) reject(error);
    } finally {
      underWay -= 1;
      flush();
    }
  };
  return (id) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject });
      flush();
    });
};
