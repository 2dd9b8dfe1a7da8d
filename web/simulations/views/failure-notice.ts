import { element } from "../../page/element.ts";
import type { ApiError } from "../../console/api/api-error.ts";
import { problemNotice } from "../../console/views/problem.ts";

/** Where people can do something about it, by the code of the refusal. */
const doors: Readonly<Record<string, readonly [href: string, words: string]>> = {
  "plan-required": ["/", "Upgrade on your tenant's page"],
  "simulation-limit-reached": ["/", "Get room for more on your tenant's page"],
  "tenant-suspended": ["/", "Go to your tenant"],
  "simulation-not-found": ["/simulations", "All simulations"],
};

/** What went wrong, and where something can be done about it. */
export const failureNotice = (error: ApiError, retry?: () => Promise<void>): HTMLElement => {
  const notice = problemNotice(error, retry);
  const door = doors[error.facts.code];
  if (door !== undefined) notice.append(element("a", { href: door[0] }, door[1]));
  return notice;
};
