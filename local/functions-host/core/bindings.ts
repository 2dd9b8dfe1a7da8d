import type { BindingInfo, RegisteredFunction } from "./rpc.ts";

export interface NamedBinding {
  readonly name: string;
  readonly info: BindingInfo;
}

/** The binding that starts the function: the one whose type ends in "Trigger". */
export const triggerBinding = (registered: RegisteredFunction): NamedBinding => {
  for (const [name, info] of Object.entries(registered.bindings)) {
    if (/trigger$/i.test(info.type)) return { name, info };
  }
  throw new Error(`Function "${registered.name}" has no trigger.`);
};

/** True when the binding's type is `type`; types are compared without regard to case, as in the real host. */
export const isBindingType = (info: BindingInfo, type: string): boolean =>
  info.type.toLowerCase() === type.toLowerCase();

/** True when the function is started by `type`, e.g. "httpTrigger" or "activityTrigger". */
export const hasTrigger = (registered: RegisteredFunction, type: string): boolean =>
  isBindingType(triggerBinding(registered).info, type);

/** Names of the function's input bindings of a type that is not its trigger, e.g. "durableClient". */
export const inputBindingNames = (registered: RegisteredFunction, type: string): readonly string[] =>
  Object.entries(registered.bindings)
    .filter(([, info]) => info.direction === "in" && isBindingType(info, type))
    .map(([name]) => name);

/** An option of a binding that must be text. */
export const textOption = (info: BindingInfo, option: string): string | undefined => {
  const value = info[option];
  return typeof value === "string" ? value : undefined;
};
