import { DomainError } from "../../shared/kernel/errors.ts";
import { chunksOf } from "./chunks.ts";
import type { DockerClient } from "./docker-client.ts";
import type { LogLine } from "./log-lines.ts";
import { logReader } from "./log-lines.ts";
import type { DockerId, Engine } from "./ports.ts";

const wholeMilliseconds = 20_000;
const output = { stdout: true, stderr: true, timestamps: true } as const;

interface Range {
  /** As of how the engine writes times: RFC 3339 with nanoseconds. */
  readonly since?: string;
  readonly tailLines?: number;
}

/** What the engine takes as a time: seconds with nanoseconds. */
const unixTime = (at: string): string => `${Math.floor(Date.parse(at) / 1000)}.${/\.(\d+)/.exec(at)?.[1] ?? "0"}`;

/** What there is now: two files of 1 MB at most. */
const readWhole = async (
  { call }: DockerClient,
  id: DockerId,
  { since, tailLines }: Range,
): Promise<readonly LogLine[]> => {
  const range = {
    ...(since === undefined ? {} : { since: unixTime(since) }),
    ...(tailLines === undefined ? {} : { tail: tailLines }),
  };
  const whole = await call("read a log", wholeMilliseconds, (docker, abortSignal) =>
    docker.container(id).logs({ ...output, ...range, follow: false, abortSignal }),
  );
  const reader = logReader();
  return [...reader.read(whole), ...reader.end()];
};

/** The end of a node may also be the end of the engine or of the node's container: then there is no more to read. */
const nothingThere = (error: unknown): readonly LogLine[] => {
  if (error instanceof DomainError && (error.code === "not-found" || error.code === "unavailable")) return [];
  throw error;
};

/**
 * Follows a log to its end. The engine may end it before it has shown the last lines of a node that ends (seen with release 20.10),
 * so these are looked for once more.
 */
async function* follow(
  client: DockerClient,
  id: DockerId,
  tailLines: number,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const begun = new Date().toISOString();
  const last: Partial<Record<LogLine["stream"], string>> = {};
  const stream = await client.open("follow a log", signal, (docker, abortSignal) =>
    docker.container(id).logs({ ...output, tail: tailLines, follow: true, abortSignal }),
  );
  const reader = logReader();
  for await (const chunk of chunksOf(stream)) {
    for (const line of reader.read(chunk)) {
      last[line.stream] = line.at;
      yield line;
    }
  }
  if (signal.aborted) return;
  const [since] = Object.values(last).toSorted();
  const unseen = since === undefined && tailLines > 0 ? { tailLines } : { since: since ?? begun };
  const rest = await readWhole(client, id, unseen).catch(nothingThere);
  yield* rest.filter(({ stream: of, at }) => at > (last[of] ?? ""));
}

/** @see Engine.logs */
export const logs = (client: DockerClient): Engine["logs"] =>
  async function* (id, { follow: isFollowed, tailLines, signal }) {
    if (signal.aborted) return;
    if (isFollowed) yield* follow(client, id, tailLines, signal);
    else yield* await readWhole(client, id, { tailLines });
  };
