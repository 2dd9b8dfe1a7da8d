import { setTimeout as delay } from "node:timers/promises";
import { chunksOf } from "./chunks.ts";
import { eventReader, watchedActions } from "./container-events.ts";
import type { DockerClient } from "./docker-client.ts";
import { labelFilter } from "./labels.ts";
import { logs } from "./logs.ts";
import type { DockerId, Engine } from "./ports.ts";
import type { UsageSample } from "./usage.ts";
import { cpuPercentBetween, readUsage } from "./usage.ts";

const lookMilliseconds = 10_000;
const betweenSamplesMilliseconds = 200;
/** Of an older sample, the share would be that of long ago. */
const sampleMilliseconds = 10_000;
const samplesMax = 4096;

type Observations = Pick<Engine, "watch" | "logs" | "stats">;

async function* watch(client: DockerClient, signal: AbortSignal): ReturnType<Engine["watch"]> {
  if (signal.aborted) return;
  const filters = JSON.stringify({ type: ["container"], label: labelFilter(), event: watchedActions });
  const stream = await client.open("watch the containers", signal, (docker, abortSignal) =>
    docker.all.getEvents({ filters, abortSignal }),
  );
  const read = eventReader();
  for await (const chunk of chunksOf(stream)) yield* read(chunk);
}

/** What nodes do. Shares of processors need two samples: the last ones are kept. */
export const observations = (client: DockerClient): Observations => {
  const samples = new Map<DockerId, UsageSample>();
  const sample = async (id: DockerId): Promise<UsageSample> =>
    readUsage(
      await client.call("measure a container", lookMilliseconds, (docker, abortSignal) => {
        const options = { stream: false as const, "one-shot": true, abortSignal };
        return docker.container(id).stats(options);
      }),
    );
  const earlierOf = async (id: DockerId, now: UsageSample): Promise<UsageSample | undefined> => {
    const known = samples.get(id);
    if (known !== undefined && now.atMilliseconds - known.atMilliseconds < sampleMilliseconds) return known;
    await delay(betweenSamplesMilliseconds);
    return undefined;
  };
  const remember = (id: DockerId, latest: UsageSample): void => {
    samples.delete(id);
    const [oldest] = samples.keys();
    if (samples.size >= samplesMax && oldest !== undefined) samples.delete(oldest);
    samples.set(id, latest);
  };
  return {
    watch: (signal) => watch(client, signal),
    logs: logs(client),
    async stats(id) {
      const first = await sample(id);
      const earlier = await earlierOf(id, first);
      const latest = earlier === undefined ? await sample(id) : first;
      remember(id, latest);
      const { memoryMegabytes, pids } = latest;
      return { cpuPercent: cpuPercentBetween(earlier ?? first, latest), memoryMegabytes, pids };
    },
  };
};
