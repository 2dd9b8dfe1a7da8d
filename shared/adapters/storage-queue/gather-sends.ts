export interface GatherLimits {
  /** Ids in one message. */
  readonly sizeMax: number;
  /** Between the end of one message and the begin of the next. */
  readonly pauseMilliseconds: number;
}

interface Waiting {
  readonly id: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what comes in one turn of the event loop as one message, and then what came while that was on its way: a message
 * costs the same whatever is in it, so a flood needs few. Every caller is answered when the message with its id has gone,
 * or with the failure of that message.
 */
export const gatherSends = (
  { sizeMax, pauseMilliseconds }: GatherLimits,
  sendMessage: (ids: readonly string[]) => Promise<void>,
): ((id: string) => Promise<void>) => {
  const waiting: Waiting[] = [];
  let isBusy = false;
  const sendSome = async (some: readonly Waiting[]): Promise<void> => {
    try {
      await sendMessage([...new Set(some.map(({ id }) => id))]);
      for (const { resolve } of some) resolve();
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  };
  const begin = (): void => {
    void sendSome(waiting.splice(0, sizeMax)).then(() => setTimeout(goOn, pauseMilliseconds));
  };
  const goOn = (): void => {
    isBusy = waiting.length > 0;
    if (isBusy) begin();
  };
  return (id) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      setImmediate(begin);
    });
};
