import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

export interface UpArguments {
  /** End after the journey instead of staying up. */
  readonly once: boolean;
  /** Forget all data of earlier starts first. */
  readonly reset: boolean;
  /** Print one JSON object for scripts as the last line; everything for people goes to stderr. */
  readonly json: boolean;
  readonly help: boolean;
  /** Start neither a Docker engine nor the simulation host. */
  readonly withoutSimulations: boolean;
  /** Which Functions host runs the app: ours, or Azure Functions Core Tools. */
  readonly host: "local" | "func";
  readonly dataDirectory: string;
}

export const usage = readFileSync(new URL("usage.txt", import.meta.url), "utf8").trimEnd();

/** @throws TypeError for an option that does not exist */
export const readArguments = (argv: readonly string[]): UpArguments => {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      once: { type: "boolean", default: false },
      reset: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      "without-simulations": { type: "boolean", default: false },
      host: { type: "string", default: "local" },
      data: { type: "string", default: ".kombify/data" },
    },
  });
  if (values.host !== "local" && values.host !== "func")
    throw new TypeError(`--host is local or func, not ${values.host}`);
  const { once, reset, json, help, host } = values;
  const withoutSimulations = values["without-simulations"];
  return { once, reset, json, help, withoutSimulations, host, dataDirectory: values.data };
};
