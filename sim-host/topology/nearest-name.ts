const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 0; at < left.length; at += 1) {
    const next = [at + 1];
    for (let other = 0; other < right.length; other += 1) {
      const change = (row[other] ?? 0) + (left.charAt(at) === right.charAt(other) ? 0 : 1);
      next.push(Math.min(change, (row[other + 1] ?? 0) + 1, (next[other] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** The known name that was probably meant: half of its letters may differ, three at most. Takes time; names are short. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const distances = known.map((other) => ({ other, differs: distance(name, other) }));
  const [best] = distances.sort((left, right) => left.differs - right.differs);
  if (best === undefined) return undefined;
  const differsMax = Math.min(3, Math.max(1, Math.floor(best.other.length / 2)));
  return best.differs <= differsMax ? best.other : undefined;
};
