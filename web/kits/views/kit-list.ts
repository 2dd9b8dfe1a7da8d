import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { headingOf } from "../../console/screen.ts";
import { announce } from "../../page/live-region.ts";
import type { KitList, KitsApi, ListedKit } from "../kits-api.ts";

export interface KitSearch {
  readonly q: string;
  readonly category: string;
  readonly plan: string;
  readonly sort: string;
}

export const searchOf = (query: URLSearchParams): KitSearch => ({
  q: query.get("q")?.slice(0, 200) ?? "",
  category: query.get("category") ?? "",
  plan: query.get("plan") ?? "",
  sort: query.get("sort") === "newest" ? "newest" : "name",
});

export const queryOf = ({ q, category, plan, sort }: KitSearch): URLSearchParams =>
  new URLSearchParams({
    ...(q === "" ? {} : { q }),
    ...(category === "" ? {} : { category }),
    ...(plan === "" ? {} : { plan }),
    ...(sort === "name" ? {} : { sort }),
  });

const planBadge = ({ minPlan, requiredPlan }: ListedKit): HTMLElement =>
  requiredPlan === null
    ? element("span", { class: "badge good" }, `${minPlan} plan`)
    : element("span", { class: "badge warn" }, `needs the ${requiredPlan} plan`);

const kitCard = (kit: ListedKit): HTMLElement =>
  element(
    "li",
    { class: "card stack" },
    element("h2", {}, element("a", { href: `/kits/${kit.id}` }, kit.name)),
    element("p", {}, kit.summary),
    element(
      "p",
      { class: "row" },
      planBadge(kit),
      ...kit.categories.map((category) => element("span", { class: "badge" }, category)),
      element("span", { class: "soft small" }, kit.version),
    ),
  );

const optionsOf = (counts: Readonly<Record<string, unknown>>, chosen: string, all: string) => {
  const known = Object.entries(counts).map(([value, count]) => [value, `${value} (${String(count)})`] as const);
  const missing =
    chosen === "" || known.some(([value]) => value === chosen) ? [] : [[chosen, `${chosen} (0)`] as const];
  return [["", all] as const, ...known, ...missing].map(([value, label]) =>
    element("option", { value, selected: value === chosen }, label),
  );
};

const choice = (name: string, label: string, options: readonly HTMLOptionElement[]): HTMLElement =>
  element(
    "div",
    { class: "field" },
    element("label", { for: `kits-${name}` }, label),
    element("select", { id: `kits-${name}`, name }, ...options),
  );

/** A plain form: what was searched for stands in the address, so that it can be shared and gone back to. */
const searchForm = (search: KitSearch, { facets }: KitList): HTMLElement => {
  const form = element(
    "form",
    { class: "kit-search wide", role: "search", action: "/kits", method: "get" },
    element(
      "div",
      { class: "field" },
      element("label", { for: "kits-q" }, "Search"),
      element("input", {
        id: "kits-q",
        name: "q",
        type: "search",
        value: search.q,
        maxlength: "200",
        autocomplete: "off",
      }),
    ),
    choice("category", "Category", optionsOf(facets.categories, search.category, "All")),
    choice("plan", "Plan", optionsOf(facets.plans, search.plan, "All")),
    choice("sort", "Order", [
      element("option", { value: "name", selected: search.sort === "name" }, "By name"),
      element("option", { value: "newest", selected: search.sort === "newest" }, "Newest first"),
    ]),
    element("button", { type: "submit" }, "Search"),
  );
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
  return form;
};

const countOf = (total: number): string => (total === 1 ? "1 kit" : `${total} kits`);

/** The catalogue as far as it was asked for, with a button for more. `fail` shows what keeps more from coming. */
export const kitListView = (
  api: KitsApi,
  search: KitSearch,
  first: KitList,
  fail: (error: unknown) => void,
): readonly HTMLElement[] => {
  const list = element("ul", { class: "kits wide" }, ...first.kits.map(kitCard));
  let { next } = first;
  const more = busyButton(
    "Show more",
    async () => {
      try {
        const page = await api.list(new URLSearchParams([...queryOf(search), ["cursor", next ?? ""]]));
        list.append(...page.kits.map(kitCard));
        ({ next } = page);
        more.hidden = next === null;
        announce(`${page.kits.length} more`);
      } catch (error) {
        fail(error);
      }
    },
    { className: "quiet" },
  );
  more.hidden = next === null;
  const none = element("p", { class: "notice" }, "No kit matches. Search for something else, or choose All.");
  return [
    element(
      "div",
      { class: "stack" },
      headingOf("StackKits"),
      element("p", { class: "soft" }, "Ready-made services for your homelab: checked, signed, installed in one step."),
      searchForm(search, first),
      element("p", { role: "status" }, countOf(first.total)),
      first.total === 0 ? none : list,
      more,
    ),
  ];
};
