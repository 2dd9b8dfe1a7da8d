import { textOption, triggerBinding } from "../core/bindings.ts";
import type { FunctionInvoker, RegisteredFunction } from "../core/rpc.ts";
import { type Environment, resolvePercentNames } from "../settings/environment.ts";
import { parseSchedule } from "./schedule.ts";
import { TimerListener, timerInput } from "./timer-listener.ts";

export interface TimerFunctionsOptions {
  readonly environment: Environment;
  readonly invoker: FunctionInvoker;
  readonly statusDirectory: string;
  readonly log: (message: string) => void;
}

/** A timer function, ready to be started. */
export interface TimerFunction {
  readonly listener: TimerListener;
  readonly runByHand: () => Promise<unknown>;
}

const isUtc = (zone: string | undefined): boolean => zone === undefined || /^(|utc|etc\/utc|gmt)$/i.test(zone);

/** @throws when the schedule cannot be read or names a setting that is missing */
export const timerFunction = (registered: RegisteredFunction, options: TimerFunctionsOptions): TimerFunction => {
  const { environment, invoker, statusDirectory, log } = options;
  const { name: bindingName, info } = triggerBinding(registered);
  if (!isUtc(environment["WEBSITE_TIME_ZONE"]))
    throw new Error("WEBSITE_TIME_ZONE other than UTC is not supported locally.");
  const schedule = parseSchedule(resolvePercentNames(textOption(info, "schedule") ?? "", environment));
  const listener = new TimerListener({
    functionName: registered.name,
    schedule,
    isMonitored: info["useMonitor"] !== false && !schedule.isFasterThanOneMinute,
    runOnStartup: info["runOnStartup"] === true,
    statusDirectory,
    run: (timer) => invoker.invoke(registered.name, { [bindingName]: timer }),
    log,
  });
  return {
    listener,
    // By hand: the schedule knows nothing of it.
    runByHand: () => invoker.invoke(registered.name, { [bindingName]: timerInput(undefined, false) }),
  };
};
