import { byId, element } from "../page/element.ts";
import { saveBlob } from "../page/save-blob.ts";
import { toApiError } from "../console/api/api-error.ts";
import type { Show } from "../console/screen.ts";
import { runSignedPage } from "../console/signed-page.ts";
import { problemNotice } from "../console/views/problem.ts";
import type { Kit, KitsApi } from "./kits-api.ts";
import { kitsApi } from "./kits-api.ts";
import { trialSection } from "./trial-section.ts";
import { kitListView, queryOf, searchOf } from "./views/kit-list.ts";
import { kitViews } from "./views/kit-page.ts";

const showList = async (api: KitsApi, show: Show): Promise<void> => {
  const search = searchOf(new URLSearchParams(location.search));
  const first = await api.list(queryOf(search));
  const fail = (error: unknown): void => byId("main", HTMLElement).append(problemNotice(toApiError(error)));
  show("StackKits", ...kitListView(api, search, first, fail));
};

const showKit = async (api: KitsApi, show: Show, id: string): Promise<void> => {
  const wanted = new URLSearchParams(location.search).get("version");
  const kit: Kit = await api.get(id, new URLSearchParams(wanted === null ? {} : { version: wanted }));
  const problems = element("div", {});
  const orSay = async <T>(act: () => Promise<T>, otherwise: T): Promise<T> => {
    problems.replaceChildren();
    try {
      return await act();
    } catch (error) {
      problems.replaceChildren(problemNotice(toApiError(error)));
      return otherwise;
    }
  };
  const { head, rest } = kitViews(kit, {
    download: () =>
      orSay(async () => saveBlob(await api.download(id, kit.version), `${id}-${kit.version}.tar.gz`), undefined),
    choose: (version) => location.assign(`/kits/${id}?version=${encodeURIComponent(version)}`),
    compare: (from) =>
      orSay(async () => (await api.get(id, new URLSearchParams({ version: kit.version, from }))).changes ?? [], []),
  });
  // The editor is as large as the rest of the page many times over: it comes when there is something to edit.
  const { installSection } = await import("./install-section.ts");
  show(kit.name, head, problems, installSection(api, kit), trialSection(api, kit), ...rest);
};

await runSignedPage({
  invitation: "Sign in to see the kits for your plan.",
  failure: "The catalogue cannot be shown",
  doors: [
    ["/kits", "All kits"],
    ["/", "Your tenant"],
  ],
  fill: async ({ accessToken, show }) => {
    const api = kitsApi(accessToken);
    const [, id] = /^\/kits\/([a-z0-9-]+)\/?$/.exec(location.pathname) ?? [];
    await (id === undefined ? showList(api, show) : showKit(api, show, id));
  },
});
