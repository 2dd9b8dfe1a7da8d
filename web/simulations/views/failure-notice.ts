import { element } from "../../page/element.ts";
import { ApiError } from "../../console/api/api-error.ts";
import { problemNotice } from "../../console/views/problem.ts";

/** Where people can do something about it, by the code of the refusal. */
const doors: Readonly<Record<string, readonly [href: string, words: string]>> = {
  "plan-required": ["/", "Upgrade on your tenant's page"],
  "simulation-limit-reached": ["/simulations", "See your simulations"],
  "tenant-suspended": ["/", "Go to your tenant"],
  "simulation-not-found": ["/simulations", "All simulations"],
};

/** Where the page has better words than an answer, which does not know what people see. */
const words: Readonly<Record<string, string>> = {
  "topology-invalid": "The topology has faults. Mend what is listed below the text, and try again.",
};

const inWordsOfThePage = (error: ApiError): ApiError => {
  const better = words[error.facts.code];
  return better === undefined ? error : new ApiError(better, error.facts, { cause: error });
};

/** What went wrong, and where something can be done about it. */
export const failureNotice = (error: ApiError, retry?: () => Promise<void>): HTMLElement => {
  const notice = problemNotice(inWordsOfThePage(error), retry);
  const door = doors[error.facts.code];
  if (door !== undefined) notice.append(element("a", { href: door[0] }, door[1]));
  return notice;
};
