import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { OperationLog } from "./operation-log.ts";
import type { Operation } from "./operation.ts";
import { isFinal } from "./operation.ts";

/** Makes the caller the only worker of this operation until the lease ends. False: finished, or somebody is at it. */
export const takeLease = async (
  log: OperationLog,
  clock: Clock,
  operation: Operation,
  leaseMilliseconds: number,
): Promise<boolean> => {
  let isTaken = false;
  await log.forOwner(operation.owner).update(operation.id, (current) => {
    const now = clock();
    isTaken = !isFinal(current.status) && current.leaseUntil <= now.toISOString();
    return isTaken ? { ...current, leaseUntil: isoAfter(now, leaseMilliseconds) } : undefined;
  });
  return isTaken;
};
