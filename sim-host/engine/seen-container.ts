import { z } from "zod";
import { dockerId } from "./docker-id.ts";
import { ownerOf } from "./labels.ts";
import type { ContainerState, SeenContainer } from "./ports.ts";

const Endpoint = z.object({
  NetworkID: z.string().default(""),
  IPAddress: z.string().default(""),
  MacAddress: z.string().default(""),
  IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullish(),
});

/** Part of what `GET /containers/{id}/json` answers. */
const Inspected = z.object({
  Id: z.string(),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().default(false),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({ Labels: z.unknown().optional() }),
  NetworkSettings: z.object({
    SandboxKey: z.string().default(""),
    Networks: z.record(z.string(), Endpoint).nullish(),
  }),
});

/** The engine's words for states, as far as they mean something to a simulation. */
export const stateOf = (status: string): ContainerState => {
  if (status === "created" || status === "running" || status === "paused") return status;
  // A restart is none of ours; what is being removed or could not be is as good as ended.
  return status === "restarting" ? "running" : "exited";
};

const healthOf = (status: string | undefined): Pick<SeenContainer, "health"> =>
  status === "starting" || status === "healthy" || status === "unhealthy" ? { health: status } : {};

/** Before the first start the engine tells no network's id, and after the end no address: then the configured one counts. */
const attachmentOf = ({ NetworkID, IPAddress, MacAddress, IPAMConfig }: z.infer<typeof Endpoint>) =>
  NetworkID === ""
    ? []
    : [
        {
          networkId: dockerId(NetworkID),
          ipAddress: IPAddress === "" ? (IPAMConfig?.IPv4Address ?? "") : IPAddress,
          macAddress: MacAddress,
        },
      ];

/** Reads what the engine says of a container; undefined when it is not one of ours. @throws ZodError when it is no such answer */
export const readContainer = (answer: unknown): SeenContainer | undefined => {
  const { Id, State, Config, NetworkSettings } = Inspected.parse(answer);
  const owner = ownerOf(Config.Labels);
  if (owner === undefined) return undefined;
  const state = stateOf(State.Status);
  return {
    id: dockerId(Id),
    owner,
    state,
    ...healthOf(State.Health?.Status),
    ...(state === "exited" ? { exitCode: State.ExitCode, isOutOfMemory: State.OOMKilled } : {}),
    // Some releases keep the name of a namespace that is gone.
    sandboxKey: state === "running" || state === "paused" ? NetworkSettings.SandboxKey : "",
    attachments: Object.values(NetworkSettings.Networks ?? {})
      .filter(({ NetworkID }) => NetworkID !== "none")
      .flatMap(attachmentOf),
  };
};
