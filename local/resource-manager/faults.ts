import type { z } from "zod";
import { type Fault, type FaultRules, matches, type Operation, type StoredFaultRule } from "./fault-rules.ts";
import type { State } from "./state.ts";

const key = "rules";

/** The faults this manager was asked to show, kept on disk: a restarted manager goes on showing them. */
export interface Faults {
  readonly list: () => readonly StoredFaultRule[];
  readonly replace: (rules: z.output<typeof FaultRules>) => void;
  /** The fault that happens to this request, counted; undefined for none. */
  readonly take: (operation: Operation | undefined, names: readonly string[]) => Fault | undefined;
}

export const openFaults = ({ faults }: Pick<State, "faults">): Faults => {
  const list = (): readonly StoredFaultRule[] => faults.get(key) ?? [];
  return {
    list,
    replace: (rules) => {
      const now = Date.now();
      faults.put(
        key,
        rules.map((rule) => ({
          ...rule,
          fired: 0,
          ...(rule.forSeconds === undefined ? {} : { expiresAt: new Date(now + rule.forSeconds * 1000).toISOString() }),
        })),
      );
    },
    take: (operation, names) => {
      const rules = list();
      const now = new Date();
      const found = rules.find((rule) => matches(rule, operation, { names, now }));
      if (found === undefined) return undefined;
      faults.put(
        key,
        rules.map((rule) => (rule === found ? { ...rule, fired: rule.fired + 1 } : rule)),
      );
      return found.fault;
    },
  };
};
