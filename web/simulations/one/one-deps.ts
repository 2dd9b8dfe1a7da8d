import type { SimulationsApi } from "../api/simulations-api.ts";
import type { Simulation } from "../api/simulation-shapes.ts";

/** What the parts of a simulation's page share. */
export interface OneDeps {
  readonly api: SimulationsApi;
  readonly id: string;
  /** Takes what an action answered, and shows it. */
  readonly take: (simulation: Simulation) => void;
  readonly refresh: () => void;
  readonly signInEnded: () => void;
  readonly wait: (seconds: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => Date;
}

/** A part of the page that shows a simulation, again and again. */
export interface View {
  readonly root: HTMLElement;
  readonly update: (simulation: Simulation) => void;
}
