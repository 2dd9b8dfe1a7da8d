import { isBindingType, triggerBinding } from "./bindings.ts";
import type { BindingInfo, RegisteredFunction } from "./rpc.ts";

const triggers = ["httpTrigger", "timerTrigger", "queueTrigger", "orchestrationTrigger", "activityTrigger"];

const isSupportedBinding = (name: string, info: BindingInfo): boolean =>
  (info.direction === "in" && isBindingType(info, "durableClient")) ||
  (name === "$return" && isBindingType(info, "http"));

/** @throws when the app uses something this host does not do: better no start than half an app */
export const assertSupported = (functions: Iterable<RegisteredFunction>): void => {
  for (const registered of functions) {
    const trigger = triggerBinding(registered);
    const refuse = (what: string): never => {
      throw new Error(`Function "${registered.name}" uses ${what}, which is not supported locally.`);
    };
    if (!triggers.some((type) => isBindingType(trigger.info, type))) refuse(`the trigger "${trigger.info.type}"`);
    if (registered.hasRetryOptions) refuse("a retry policy");
    for (const [name, info] of Object.entries(registered.bindings)) {
      if (name !== trigger.name && !isSupportedBinding(name, info))
        refuse(`the binding "${info.type}" (${info.direction})`);
    }
  }
};
