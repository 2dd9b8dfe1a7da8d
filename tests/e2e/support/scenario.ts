import type { Call } from "./http-call.ts";

/** Who asks: `fresh` belongs to an organisation without a tenant; `mallory` administers another one than the own. */
export type Actor = "nobody" | "fresh" | "acme" | "globex" | "mallory" | "operator";

/** One request that is refused, and how. */
export interface Scenario {
  readonly name: string;
  readonly as: Actor;
  readonly call: Call;
  readonly status: number;
  readonly code: string;
  /** What the detail says to the person who has to mend it. */
  readonly says?: RegExp;
  /** What the answer must not repeat. */
  readonly hides?: string;
}
