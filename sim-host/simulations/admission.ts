import type { Budget } from "../topology/budget.ts";
import type { HostCapacity } from "./ports.ts";
import type { Simulation } from "./simulation.ts";
import { isUp } from "./simulation-rules.ts";

type Need = Pick<Budget, "memoryMegabytes" | "cpus">;
export type NeedOf = (simulation: Simulation) => Need;

interface Room {
  readonly memoryMegabytes: number;
  readonly cpus: number;
  readonly simulations: number;
}

const minus = (room: Room, need: Need): Room => ({
  memoryMegabytes: room.memoryMegabytes - need.memoryMegabytes,
  cpus: room.cpus - need.cpus,
  simulations: room.simulations - 1,
});

const plus = (room: Room, need: Need): Room => ({
  memoryMegabytes: room.memoryMegabytes + need.memoryMegabytes,
  cpus: room.cpus + need.cpus,
  simulations: room.simulations + 1,
});

/** Sums of hundredths are not exact. */
const tolerance = 1e-6;

const fits = (room: Room, need: Need): boolean =>
  room.simulations >= 1 && room.memoryMegabytes >= need.memoryMegabytes && room.cpus + tolerance >= need.cpus;

/** Whether something of it may still take room: also while it is being taken away. */
const takesRoom = (simulation: Simulation): boolean =>
  isUp(simulation) || simulation.nodes.some(({ containerId }) => containerId !== undefined);

const roomLeft = (capacity: HostCapacity, active: readonly Simulation[], needOf: NeedOf): Room =>
  active
    .filter(takesRoom)
    .map(needOf)
    .reduce(minus, { ...capacity, simulations: capacity.simulationsMax });

/** Whether the host could hold it at all, were it empty. */
export const couldEverFit = (capacity: HostCapacity, need: Need): boolean =>
  fits({ ...capacity, simulations: capacity.simulationsMax }, need);

/**
 * Which of the waiting ones have room now, first come first served: nobody overtakes, so a large one is not starved by
 * small ones. `queued` in the order in which they came.
 */
export const admissible = (
  capacity: HostCapacity,
  active: readonly Simulation[],
  queued: readonly Simulation[],
  needOf: NeedOf,
): readonly Simulation[] => {
  let room = roomLeft(capacity, active, needOf);
  const admitted: Simulation[] = [];
  for (const simulation of queued) {
    const need = needOf(simulation);
    if (!fits(room, need)) break;
    room = minus(room, need);
    admitted.push(simulation);
  }
  return admitted;
};

/**
 * The place of a waiting one (from 1), and when it can start if everybody before it starts as soon as there is room and
 * all run as long as they may. Null: nobody can say, because what runs has no end yet.
 */
export const placeInQueue = (
  id: string,
  state: {
    readonly capacity: HostCapacity;
    readonly active: readonly Simulation[];
    readonly queued: readonly Simulation[];
  },
  needOf: NeedOf,
): { readonly place: number; readonly expectedAt: string | null } | undefined => {
  const index = state.queued.findIndex((candidate) => candidate.id === id);
  if (index < 0) return undefined;
  const ends = state.active
    .filter(takesRoom)
    .flatMap((simulation) =>
      simulation.expiresAt === undefined ? [] : [{ at: simulation.expiresAt, need: needOf(simulation) }],
    );
  let room = roomLeft(state.capacity, state.active, needOf);
  let expectedAt: string | null = null;
  for (const simulation of state.queued.slice(0, index + 1)) {
    const need = needOf(simulation);
    while (!fits(room, need)) {
      ends.sort((one, other) => one.at.localeCompare(other.at));
      const end = ends.shift();
      if (end === undefined) return { place: index + 1, expectedAt: null };
      room = plus(room, end.need);
      expectedAt = end.at;
    }
    room = minus(room, need);
    const begin = new Date(expectedAt ?? simulation.updatedAt).getTime();
    ends.push({ at: new Date(begin + simulation.lifetimeMinutes * 60_000).toISOString(), need });
  }
  return { place: index + 1, expectedAt };
};
