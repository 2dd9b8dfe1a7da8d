/** What a piece of synchronous work takes of the processor and the heap, however busy the machine is. */
export const workOf = (work: () => void): { readonly milliseconds: number; readonly heapBytes: number } => {
  const heapBefore = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { milliseconds: (user + system) / 1_000, heapBytes: process.memoryUsage().heapUsed - heapBefore };
};
