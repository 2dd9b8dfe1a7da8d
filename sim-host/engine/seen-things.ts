import { z } from "zod";
import { dockerId } from "./docker-id.ts";
import { ownerOf } from "./labels.ts";
import { bridgeNameOption } from "./network-options.ts";
import type { SeenNetwork, SeenThings } from "./ports.ts";
import { stateOf } from "./seen-container.ts";

/** Parts of what `GET /containers/json` and `GET /networks` answer. */
const Containers = z.array(
  z.object({ Id: z.string(), State: z.string(), Status: z.string().default(""), Labels: z.unknown().optional() }),
);
const Networks = z.array(
  z.object({
    Id: z.string(),
    Labels: z.unknown().optional(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string() })).nullish() }).nullish(),
    Options: z.record(z.string(), z.string()).nullish(),
  }),
);

/** A list has exit codes only in its words for people: `Exited (137) 3 minutes ago`. */
const exitCodeIn = (status: string): { readonly exitCode?: number } => {
  const code = /^Exited \((\d+)\)/.exec(status)?.[1];
  return code === undefined ? {} : { exitCode: Number(code) };
};

/** Those of ours; what only bears one of our labels is passed over. @throws ZodError when it is no such answer */
export const readContainers = (answer: unknown): SeenThings["containers"] =>
  Containers.parse(answer).flatMap(({ Id, State, Status, Labels }) => {
    const owner = ownerOf(Labels);
    return owner === undefined ? [] : [{ id: dockerId(Id), owner, state: stateOf(State), ...exitCodeIn(Status) }];
  });

/** Those of ours, as `readContainers`. */
export const readNetworks = (answer: unknown): readonly SeenNetwork[] =>
  Networks.parse(answer).flatMap(({ Id, Labels, IPAM, Options }) => {
    const owner = ownerOf(Labels);
    if (owner === undefined) return [];
    const subnet = IPAM?.Config?.[0]?.Subnet ?? "";
    return [{ id: dockerId(Id), owner, subnet, bridgeName: Options?.[bridgeNameOption] ?? "" }];
  });
