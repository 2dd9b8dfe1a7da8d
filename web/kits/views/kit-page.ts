import { busyButton } from "../../page/busy-button.ts";
import { dataTable, tableRow } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";
import { card } from "../../console/screen.ts";
import type { ChangelogEntry, Kit } from "../kits-api.ts";
import { markdown } from "./markdown.ts";

const sizeOf = (megabytes: number): string =>
  megabytes >= 1000 ? `${(megabytes / 1000).toLocaleString("en")} GB` : `${megabytes} MB`;

const tableOf = (label: string, columns: readonly string[], rows: readonly (readonly string[])[]): HTMLElement => {
  const { root, body } = dataTable(label, columns);
  body.append(...rows.map(([first = "", ...others]) => tableRow(first, ...others)));
  return root;
};

const section = (heading: string, ...content: readonly (HTMLElement | undefined)[]): HTMLElement =>
  element("section", { class: "card stack", "aria-label": heading }, element("h2", {}, heading), ...content);

const kinds = { added: "Added", changed: "Changed", fixed: "Fixed", security: "Security" } as const;

const entryOf = (entry: ChangelogEntry): HTMLElement => {
  const parts = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
    (entry[kind] ?? []).map((text) => element("li", {}, element("span", { class: "badge" }, kinds[kind]), ` ${text}`)),
  );
  return element(
    "div",
    { class: "stack wide" },
    element("h3", {}, `${entry.version} `, element("span", { class: "soft small" }, entry.date)),
    element("ul", { class: "plain" }, ...parts),
  );
};

export interface KitActions {
  readonly download: () => Promise<void>;
  /** Shows another version. */
  readonly choose: (version: string) => void;
  /** Says what changed between a version and the one that is shown. */
  readonly compare: (from: string) => Promise<readonly ChangelogEntry[]>;
}

/** A choice of what to compare with; the answer takes the place of the whole changelog. */
const changelog = (kit: Kit, compare: KitActions["compare"]): HTMLElement => {
  const others = kit.versions.filter(({ version }) => version !== kit.version);
  const entries = element("div", { class: "stack wide" }, ...kit.changelog.map(entryOf));
  const select = element(
    "select",
    { id: "compare" },
    element("option", { value: "" }, "all versions"),
    ...others.map(({ version }) => element("option", { value: version }, version)),
  );
  select.addEventListener("change", () => {
    void (select.value === "" ? Promise.resolve(kit.changelog) : compare(select.value)).then((found) => {
      const none = element("p", { class: "soft" }, "Nothing that was written down.");
      entries.replaceChildren(...(found.length === 0 ? [none] : found.map(entryOf)));
    });
  });
  const chooser =
    others.length === 0
      ? undefined
      : element("div", { class: "field" }, element("label", { for: "compare" }, "What changed since"), select);
  return section("Changelog", chooser, entries);
};

const versionChoice = (kit: Kit, choose: KitActions["choose"]): HTMLElement => {
  const select = element(
    "select",
    { id: "version" },
    ...kit.versions.map(({ version, yankedAt }) =>
      element(
        "option",
        { value: version, selected: version === kit.version, disabled: yankedAt !== null },
        yankedAt === null ? version : `${version} (withdrawn)`,
      ),
    ),
  );
  select.addEventListener("change", () => choose(select.value));
  return element("div", { class: "field" }, element("label", { for: "version" }, "Version"), select);
};

const upgradeNotice = ({ requiredPlan }: Kit): HTMLElement | undefined =>
  requiredPlan === null
    ? undefined
    : element(
        "p",
        { class: "notice warn" },
        `This kit needs the ${requiredPlan} plan. `,
        element("a", { href: "/" }, "Upgrade on your tenant's page"),
        "; it can be downloaded and installed at once then.",
      );

const head = (kit: Kit, actions: KitActions): HTMLElement => {
  const { requirements, architectures, categories, licence, homepage } = kit;
  const badges = [...categories, licence, ...architectures].map((word) => element("span", { class: "badge" }, word));
  const needs = `Needs ${sizeOf(requirements.memoryMegabytes)} of memory and about ${sizeOf(requirements.diskMegabytes)} of disk.`;
  return card(
    kit.name,
    element("p", {}, kit.summary),
    element("p", { class: "row" }, element("span", { class: "badge good" }, `${kit.minPlan} plan`), ...badges),
    element("p", { class: "soft" }, needs),
    homepage === undefined
      ? undefined
      : element("p", {}, element("a", { href: homepage, rel: "noreferrer noopener" }, "Home of the project")),
    upgradeNotice(kit),
    element(
      "div",
      { class: "row" },
      versionChoice(kit, actions.choose),
      kit.requiredPlan === null ? busyButton("Download", actions.download, { className: "quiet" }) : undefined,
    ),
  );
};

const contents = ({ services, ports, dependencies }: Kit): HTMLElement =>
  section(
    "What is in it",
    tableOf(
      "Services",
      ["Service", "Image", "What it does"],
      services.map(({ name, image, summary }) => [name, image, summary]),
    ),
    ports.length === 0
      ? undefined
      : tableOf(
          "Ports",
          ["Port", "Number", "Leads to"],
          ports.map(({ name, number, service, container, protocol }) => [
            name,
            String(number),
            `${service}, ${container}/${protocol}`,
          ]),
        ),
    dependencies.length === 0
      ? undefined
      : element("p", {}, `Needs ${dependencies.map(({ id, range }) => `${id} ${range}`).join(", ")}.`),
  );

const verification = (kit: Kit): HTMLElement => {
  const own = kit.versions.find(({ version }) => version === kit.version);
  return section(
    "Verify a download",
    element("p", {}, "Its SHA-256 is ", element("code", { class: "long" }, own?.sha256 ?? ""), "."),
    element(
      "p",
      {},
      "It is signed by its publisher: ",
      element("code", {}, `npx kombify kits verify ${kit.id}-${kit.version}.tar.gz`),
      " says whether it is what was signed.",
    ),
  );
};

/** Everything there is to read about a version of a kit. */
export const kitViews = (kit: Kit, actions: KitActions) => ({
  head: head(kit, actions),
  rest: [
    element(
      "section",
      { class: "card prose", "aria-label": "About" },
      element("h2", {}, "About"),
      ...markdown(kit.readme),
    ),
    contents(kit),
    changelog(kit, actions.compare),
    verification(kit),
  ],
});
