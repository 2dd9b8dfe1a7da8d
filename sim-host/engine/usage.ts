import { z } from "zod";

const bytesPerMegabyte = 1_048_576;
const nanosecondsPerMillisecond = 1e6;

/** Part of what `GET /containers/{id}/stats?one-shot` answers; of a container that does not run, most of it is missing. */
const Stats = z.object({
  read: z.string(),
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number().default(0) }).nullish() }).nullish(),
  memory_stats: z.object({ usage: z.number().default(0), stats: z.record(z.string(), z.number()).nullish() }).nullish(),
  pids_stats: z.object({ current: z.number().default(0) }).nullish(),
});

/** What a node had used by a moment. */
export interface UsageSample {
  readonly atMilliseconds: number;
  readonly cpuNanoseconds: number;
  readonly memoryMegabytes: number;
  readonly pids: number;
}

/** Without what the kernel would give back at once: `total_inactive_file` of cgroup v1, `inactive_file` of v2. */
const memoryOf = (memory: z.infer<typeof Stats>["memory_stats"]): number => {
  const { usage, stats } = { usage: 0, stats: undefined, ...memory };
  const cache = stats?.["total_inactive_file"] ?? stats?.["inactive_file"] ?? 0;
  return Math.max(usage - cache, 0) / bytesPerMegabyte;
};

/** Reads what the engine measured. @throws ZodError when it is no such answer */
export const readUsage = (answer: unknown): UsageSample => {
  const { read, cpu_stats: cpu, memory_stats: memory, pids_stats: pids } = Stats.parse(answer);
  return {
    atMilliseconds: Date.parse(read),
    cpuNanoseconds: cpu?.cpu_usage?.total_usage ?? 0,
    memoryMegabytes: memoryOf(memory),
    pids: pids?.current ?? 0,
  };
};

/** Share of one processor between two samples: 150 is one and a half of them. 0 when it was started anew in between. */
export const cpuPercentBetween = (earlier: UsageSample, later: UsageSample): number => {
  const passed = (later.atMilliseconds - earlier.atMilliseconds) * nanosecondsPerMillisecond;
  const used = later.cpuNanoseconds - earlier.cpuNanoseconds;
  return passed > 0 && used > 0 ? (100 * used) / passed : 0;
};
