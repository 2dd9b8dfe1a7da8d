import { z } from "zod";
import type { DockerClient } from "./docker-client.ts";
import { dockerId } from "./docker-id.ts";
import { labelFilter } from "./labels.ts";
import type { DockerId } from "./ports.ts";

const lookMilliseconds = 10_000;

const Inspected = z.object({
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ NetworkID: z.string().default("") })).nullish(),
  }),
});
const Networks = z.array(z.object({ Name: z.string(), Id: z.string() }));

/**
 * The networks that a container is on, or will be once it is started: until then the engine tells only their names. Those of ours are
 * names of bridges, which no two networks share. @throws DomainError `not-found`, `unavailable`
 */
export const networksOf = async ({ call }: DockerClient, id: DockerId): Promise<readonly DockerId[]> => {
  const { NetworkSettings } = await call("look at a container", lookMilliseconds, async (docker, abortSignal) =>
    Inspected.parse(await docker.container(id).inspect({ abortSignal })),
  );
  const entries = Object.entries(NetworkSettings.Networks ?? {}).filter(([name]) => name !== "none");
  if (entries.every(([, { NetworkID }]) => NetworkID !== "")) {
    return entries.map(([, { NetworkID }]) => dockerId(NetworkID));
  }
  const ours = await call("list networks", lookMilliseconds, async (docker, abortSignal) =>
    Networks.parse(await docker.all.listNetworks({ filters: { label: labelFilter() }, abortSignal })),
  );
  const names = new Set(entries.map(([name]) => name));
  return ours.filter(({ Name }) => names.has(Name)).map(({ Id }) => dockerId(Id));
};
