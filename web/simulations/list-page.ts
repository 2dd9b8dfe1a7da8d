import { element } from "../page/element.ts";
import { announce } from "../page/live-region.ts";
import { toApiError } from "../console/api/api-error.ts";
import type { Signed } from "../console/signed-page.ts";
import { failureNotice } from "./views/failure-notice.ts";
import type { SimulationList } from "./api/simulation-shapes.ts";
import type { SimulationsApi } from "./api/simulations-api.ts";
import { listView } from "./views/list-view.ts";
import { statusWords } from "./views/state-badge.ts";

const movingSeconds = 2;
const restingSeconds = 15;
const failedSeconds = 10;

const resting: readonly string[] = ["running", "paused", "stopped", "failed"];

const isMoving = ({ simulations }: SimulationList): boolean =>
  simulations.some(({ status }) => !resting.includes(status));

/** What a screen reader is told of the difference; empty when there is none. */
const changeWords = (before: SimulationList, after: SimulationList): string => {
  const statuses = new Map(before.simulations.map(({ id, status }) => [id, status]));
  return after.simulations
    .filter(({ id, status }) => statuses.has(id) && statuses.get(id) !== status)
    .map(({ name, status }) => `${name}: ${statusWords(status).words}.`)
    .join(" ");
};

/** Shows the list and keeps it the present one for as long as somebody looks. @throws ApiError when it cannot be read */
export const showList = async (
  api: SimulationsApi,
  { show, signInEnded }: Pick<Signed, "show" | "signInEnded">,
  wait: (seconds: number) => Promise<void>,
): Promise<void> => {
  let list = await api.list();
  const view = listView({ first: list, more: (after) => api.list(after), now: () => new Date() });
  const problems = element("div", { class: "wide" });
  view.update(list);
  show("Simulations", problems, view.root);
  let delaySeconds = isMoving(list) ? movingSeconds : restingSeconds;
  const refresh = async (): Promise<void> => {
    try {
      const now = await api.list();
      const words = changeWords(list, now);
      if (words !== "") announce(words);
      list = now;
      view.update(list);
      problems.replaceChildren();
      delaySeconds = isMoving(list) ? movingSeconds : restingSeconds;
    } catch (cause) {
      const error = toApiError(cause);
      delaySeconds = failedSeconds;
      if (error.facts.status === 401) signInEnded();
      else problems.replaceChildren(failureNotice(error));
    }
  };
  const isShown = (): boolean => view.root.isConnected;
  const follow = async (): Promise<void> => {
    while (isShown()) {
      await wait(delaySeconds);
      if (isShown() && !document.hidden) await refresh();
    }
  };
  void follow();
};
