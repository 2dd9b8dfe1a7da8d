import type PocketBase from "pocketbase";
import { byId, element } from "../page/element.ts";
import type { HomelabNode } from "./homelab.ts";
import { readDeployment, readEvent, readNode, readService } from "./homelab.ts";
import type { Service } from "./homelab.ts";
import { liveList } from "./live-list.ts";
import type { StackFailure } from "./stack-error.ts";
import { isOutside, toStackFailure } from "./stack-error.ts";
import type { StackSession } from "./stack-session.ts";
import { nodesView } from "./views/nodes.ts";
import { failureNotice } from "./views/notice.ts";
import { deploymentsView, eventsView, servicesView } from "./views/read-only-lists.ts";

interface HomelabPageDeps {
  readonly pocketbase: PocketBase;
  readonly session: StackSession;
  readonly onLive: (isLive: boolean) => void;
  /** For failures after which this page cannot go on. */
  readonly onOutside: (failure: StackFailure) => void;
}

const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  left.name.localeCompare(right.name);
const newestFirst = (left: { readonly created: string }, right: { readonly created: string }): number =>
  right.created.localeCompare(left.created);

const makeViews = ({ pocketbase, session: { namespace } }: HomelabPageDeps, onFailure: (f: StackFailure) => void) => {
  const names = new Map<string, string>();
  let shownServices: Parameters<ReturnType<typeof servicesView>["onChange"]> = [[], 0];
  const nodes = nodesView(pocketbase.collection(`nodes_${namespace}`), onFailure);
  const services = servicesView((id) => names.get(id) ?? "–");
  const deployments = deploymentsView();
  const events = eventsView();
  const onNodes = (items: readonly HomelabNode[], total: number): void => {
    names.clear();
    for (const { id, name } of items) names.set(id, name);
    nodes.onChange(items, total);
    services.onChange(...shownServices);
  };
  const onServices = (items: readonly Service[], total: number): void => {
    shownServices = [items, total];
    services.onChange(items, total);
  };
  const of = (base: string): string => `${base}_${namespace}`;
  const history = { sort: "-created", compare: newestFirst };
  const lists = [
    liveList(pocketbase, { collection: of("nodes"), read: readNode, sort: "name", compare: byName, onChange: onNodes }),
    liveList(pocketbase, {
      ...{ collection: of("services"), read: readService, sort: "name", compare: byName, onChange: onServices },
    }),
    liveList(pocketbase, {
      ...{ ...history, collection: of("deployments"), read: readDeployment, onChange: deployments.onChange },
    }),
    liveList(pocketbase, { ...history, collection: of("events"), read: readEvent, onChange: events.onChange }),
  ];
  return { lists, roots: { nodes: nodes.root, others: [services.root, deployments.root, events.root] } };
};

/** Shows the homelab and follows its changes until the page is left. */
export const showHomelab = async (deps: HomelabPageDeps): Promise<void> => {
  const { pocketbase, session, onLive, onOutside } = deps;
  const problem = element("div");
  const onFailure = (failure: StackFailure): void => {
    if (isOutside(failure)) onOutside(failure);
    else problem.replaceChildren(failureNotice(failure));
  };
  const { lists, roots } = makeViews(deps, onFailure);
  const heading = element("h1", {}, session.tenant.name);
  const title = element("div", {}, heading, element("code", { class: "soft" }, session.tenant.slug));
  byId("main", HTMLElement).replaceChildren(
    title,
    problem,
    roots.nodes,
    element("div", { class: "lists" }, ...roots.others),
  );
  const load = async (): Promise<void> => {
    try {
      await Promise.all(lists.map((list) => list.load()));
      problem.replaceChildren();
    } catch (error) {
      const failure = toStackFailure(error);
      if (failure.kind === "passing") problem.replaceChildren(failureNotice(failure, load));
      else onFailure(failure);
    }
  };
  // The Stack ends the connection of a login that is over, which then does not come back.
  const checkSession = async (): Promise<void> => {
    try {
      await lists[0]?.load();
    } catch (error) {
      const failure = toStackFailure(error);
      if (isOutside(failure)) onOutside(failure);
    }
  };
  pocketbase.realtime.onDisconnect = (active) => {
    if (active.length === 0) return;
    onLive(false);
    void checkSession();
  };
  const follow = async (): Promise<void> => {
    try {
      await Promise.all(lists.map((list) => list.subscribe()));
      onLive(true);
      await load();
      // After every interruption: what happened meanwhile is not sent again.
      await pocketbase.realtime.subscribe("PB_CONNECT", () => {
        onLive(true);
        void load();
      });
    } catch (error) {
      onLive(false);
      const failure = toStackFailure(error);
      if (isOutside(failure)) onOutside(failure);
      else problem.replaceChildren(failureNotice(failure, follow));
    }
  };
  await load();
  await follow();
};
