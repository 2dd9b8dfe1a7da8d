import type { ApiError } from "../../console/api/api-error.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { coalesced } from "../../page/coalesce.ts";
import { anyObject, number, shape, text } from "../../page/shape.ts";
import type { StreamState } from "../api/follow-stream.ts";
import { followStream } from "../api/follow-stream.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { SimulationsApi } from "../api/simulations-api.ts";

const readEvent = shape({ sequence: number, at: text, kind: text, data: anyObject, text });
/** Something that happened to the simulation; `text` is for people. */
export type HistoryEvent = ReturnType<typeof readEvent>;

interface Options {
  readonly api: Pick<SimulationsApi, "get" | "events">;
  readonly first: Simulation;
  readonly onView: (simulation: Simulation) => void;
  readonly onEvent: (event: HistoryEvent) => void;
  readonly onState: (state: StreamState) => void;
  readonly onFailure: (error: ApiError) => void;
  readonly wait: (seconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface LiveSimulation {
  readonly current: () => Simulation;
  /** Takes what an action answered. An older view than the present one is passed over. */
  readonly take: (simulation: Simulation) => void;
  /** Asks for the present view, soon. */
  readonly refresh: () => void;
  /** Follows events until the signal; every event has the view asked for anew. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
}

const betweenViewsSeconds = 0.3;

/**
 * A simulation that stays the present one. What an event says is history by the time it is heard, so it is told as such, and
 * what things are like now is asked for: many events at a time are one question.
 */
export const makeLiveSimulation = (options: Options): LiveSimulation => {
  const { api, first, onView, onEvent, onState, onFailure, wait } = options;
  let current = first;
  const take = (simulation: Simulation): void => {
    if (simulation.revision < current.revision) return;
    current = simulation;
    onView(simulation);
  };
  const load = async (): Promise<void> => {
    try {
      take(await api.get(first.id));
    } catch (error) {
      onFailure(toApiError(error));
    }
  };
  const refresh = coalesced(load, () => wait(betweenViewsSeconds));
  return {
    current: () => current,
    take,
    refresh,
    follow: (signal) =>
      followStream({
        open: api.events(first.id),
        onEvent: ({ data }) => {
          onEvent(readEvent(JSON.parse(data)));
          refresh();
        },
        onState,
        ...{ wait, signal },
      }),
  };
};
