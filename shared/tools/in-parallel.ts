/** Runs `act` on every value with at most `limit` under way; results in the order of the values. */
export const inParallel = async <T, R>(
  values: readonly T[],
  limit: number,
  act: (value: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = [];
  for (let begin = 0; begin < values.length; begin += limit) {
    results.push(...(await Promise.all(values.slice(begin, begin + limit).map(act))));
  }
  return results;
};
