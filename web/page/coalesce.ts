/**
 * Makes a task that may be asked for at any time run one at a time: whoever asks while it is under way has it run once more
 * afterwards, however many ask. `pause` keeps two runs apart. The task deals with its failures itself.
 */
export const coalesced = (task: () => Promise<void>, pause: () => Promise<void>): (() => void) => {
  let isBusy = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isBusy = true;
    while (isWanted) {
      isWanted = false;
      await task();
      await pause();
    }
    isBusy = false;
  };
  return () => {
    isWanted = true;
    if (!isBusy) void run();
  };
};
