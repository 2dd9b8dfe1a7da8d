import { busyButton } from "../page/busy-button.ts";
import { dataTable, tableRow } from "../page/data-table.ts";
import { element } from "../page/element.ts";
import { findingList } from "../page/finding-list.ts";
import { announce } from "../page/live-region.ts";
import { yamlEditor } from "../page/yaml-editor.ts";
import { toApiError } from "../console/api/api-error.ts";
import { problemNotice } from "../console/views/problem.ts";
import { applyRepair } from "./apply-repair.ts";
import { firstSpec } from "./first-spec.ts";
import type { Finding, Installation, Installed, Kit, KitsApi, Validation } from "./kits-api.ts";

type RepairSteps = NonNullable<Finding["repair"]>;

const pauseMilliseconds = 300;

const valueText = (value: unknown): string => {
  if (value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
};

const diffOf = ({ changes }: Installed): HTMLElement => {
  if (changes.length === 0) return element("p", { class: "notice" }, "Nothing changes.");
  const { root, body } = dataTable("What changes", ["What", "Now", "Then"]);
  body.append(
    ...changes.map(({ pointer, from, to }) =>
      tableRow(element("code", {}, pointer), element("pre", {}, valueText(from)), element("pre", {}, valueText(to))),
    ),
  );
  return root;
};

const outcomeWords = {
  created: "is installed",
  changed: "is brought up to date",
  unchanged: "is installed already; nothing has changed",
  "dry-run": "would be installed",
} as const;

/** The part of a kit's page where a spec is written, checked, tried out and installed. */
class InstallSection {
  readonly root: HTMLElement;
  readonly #api: KitsApi;
  readonly #kit: Kit;
  readonly #editor;
  readonly #findings = element("div", { class: "stack wide" });
  readonly #result = element("div", { class: "stack wide" });
  readonly #installed = element("div", { class: "stack wide" });
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: KitsApi, kit: Kit) {
    this.#api = api;
    this.#kit = kit;
    this.#editor = yamlEditor<RepairSteps>({
      label: "Spec",
      text: firstSpec(kit),
      onChange: () => this.#checkSoon(),
      onRepair: (repair) => this.#repair(repair),
    });
    const tryOut = busyButton("Try it out", () => this.#install(true), { className: "quiet" });
    const install = busyButton("Install", () => this.#install(false));
    this.root = element(
      "section",
      { class: "card stack", "aria-label": "Install" },
      element("h2", {}, "Install it into your Stack"),
      this.#installed,
      element("p", { class: "soft" }, "This is all the kit asks for. It is checked against your Stack while you type."),
      this.#editor.root,
      this.#findings,
      kit.requiredPlan === null ? element("div", { class: "row" }, tryOut, install) : undefined,
      this.#result,
    );
  }

  async start(): Promise<void> {
    await Promise.all([this.#check(), this.#showInstalled()]);
  }

  #checkSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), pauseMilliseconds);
  }

  #repair(repair: RepairSteps): void {
    this.#editor.setText(applyRepair(this.#editor.text(), repair));
    announce("Repaired.");
  }

  /** Answers that were overtaken by newer questions are not shown. */
  async #check(): Promise<void> {
    const asked = (this.#asked += 1);
    const { id, version } = this.#kit;
    try {
      const validation = await this.#api.validate(id, version, this.#editor.text());
      if (asked === this.#asked) this.#showValidation(validation);
    } catch (cause) {
      if (asked === this.#asked) {
        this.#findings.replaceChildren(problemNotice(toApiError(cause), () => this.#check()));
      }
    }
  }

  /** What is to be installed before, or why that cannot be. */
  #needs({ install, conflicts }: Validation["dependencies"]): readonly HTMLElement[] {
    const links = install.flatMap(({ id, version }, index) => [
      ...(index === 0 ? [] : [", "]),
      element("a", { href: `/kits/${id}?version=${encodeURIComponent(version)}` }, `${id} ${version}`),
    ]);
    const first = element("p", { class: "notice" }, "Install first: ", ...links, ".");
    return [
      ...(install.length === 0 ? [] : [first]),
      ...conflicts.map((reason) => element("p", { class: "notice warn" }, reason)),
    ];
  }

  #showValidation({ isValid, findings, lacks, requiredPlan, dependencies }: Validation): void {
    this.#editor.showFindings(findings);
    const lacking = lacks.map((sentence) => `${sentence} `).join("");
    const plan = requiredPlan === null ? "" : `The ${requiredPlan} plan has it.`;
    const valid = element("p", { class: "notice", role: "status" }, "The spec is valid.");
    this.#findings.replaceChildren(
      ...(isValid ? [valid] : [this.#findingList(findings)]),
      ...this.#needs(dependencies),
      ...(lacks.length === 0 ? [] : [element("p", { class: "notice warn" }, `${lacking}${plan}`)]),
    );
  }

  #findingList(findings: readonly Finding[]): HTMLElement {
    return findingList(findings, {
      label: "What is wrong with the spec",
      onShow: (line, column) => this.#editor.focusAt(line, column),
      onRepair: (repair: RepairSteps) => this.#repair(repair),
    });
  }

  async #install(isDryRun: boolean): Promise<void> {
    this.#result.replaceChildren();
    const { id, version } = this.#kit;
    try {
      const installed = await this.#api.install(id, version, this.#editor.text(), isDryRun);
      const words = `${installed.name} ${outcomeWords[installed.outcome]}.`;
      const line = element("p", { class: "notice", role: "status" }, words);
      this.#result.replaceChildren(line, ...(isDryRun ? [diffOf(installed)] : []));
      if (!isDryRun) await Promise.all([this.#showInstalled(), this.#check()]);
    } catch (cause) {
      this.#result.replaceChildren(problemNotice(toApiError(cause)));
      await this.#check();
    }
  }

  async #showInstalled(): Promise<void> {
    try {
      const all = await this.#api.installations(this.#kit.id);
      const heading = element("h3", {}, "Installed");
      const items = all.map((each) => this.#installedItem(each));
      this.#installed.replaceChildren(
        ...(all.length === 0
          ? []
          : [heading, element("ul", { class: "plain wide", "aria-label": "Installed" }, ...items)]),
      );
    } catch (cause) {
      this.#installed.replaceChildren(problemNotice(toApiError(cause), () => this.#showInstalled()));
    }
  }

  #installedItem({ name, version, spec }: Installation): HTMLElement {
    const edit = element("button", { type: "button", class: "quiet compact" }, `Change or upgrade ${name}`);
    edit.addEventListener("click", () => {
      this.#editor.setText(spec);
      this.#editor.focusAt(1, 1);
    });
    const remove = busyButton(
      `Uninstall ${name}`,
      async () => {
        if (!confirm(`Uninstall ${name}? Its services are taken out of your Stack.`)) return;
        try {
          await this.#api.uninstall(this.#kit.id, name);
          announce(`${name} is uninstalled.`);
          await Promise.all([this.#showInstalled(), this.#check()]);
        } catch (cause) {
          this.#result.replaceChildren(problemNotice(toApiError(cause)));
        }
      },
      { className: "danger compact" },
    );
    const words = element("span", {}, element("strong", {}, name), ` ${version}`);
    return element("li", { class: "row" }, words, edit, remove);
  }
}

/** Fills itself once it is on the page. */
export const installSection = (api: KitsApi, kit: Kit): HTMLElement => {
  const section = new InstallSection(api, kit);
  void section.start();
  return section.root;
};
