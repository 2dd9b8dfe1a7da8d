/**
 * Settles like `work`, or rejects after `limitMilliseconds`. The work itself cannot be stopped and goes on; the real
 * host would end the worker process at this point.
 */
export const withTimeLimit = async <T>(
  work: Promise<T>,
  limitMilliseconds: number,
  functionName: string,
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const seconds = limitMilliseconds / 1000;
      reject(new Error(`Timeout value of ${seconds} s exceeded by function "${functionName}".`));
    }, limitMilliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
};

/** Waits for `work`, but no longer than `limitMilliseconds`. @returns whether it ended in time; @throws what it throws */
export const withinTime = async (work: Promise<unknown>, limitMilliseconds: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMilliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
};
