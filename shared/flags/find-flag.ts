import { DomainError } from "../kernel/errors.ts";
import type { FlagStore } from "./flag-store.ts";
import type { Flag } from "./flag.ts";

/** @throws DomainError `not-found`, also for an archived flag */
export const findFlag = async (flags: Pick<FlagStore, "readSet">, key: string): Promise<Flag> => {
  const flag = (await flags.readSet()).flags.find((each) => each.key === key && !each.archived);
  if (flag === undefined) throw new DomainError("not-found", "There is no flag with this key.");
  return flag;
};
