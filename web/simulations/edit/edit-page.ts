import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { headingOf } from "../../console/screen.ts";
import type { Signed } from "../../console/signed-page.ts";
import { newSecret } from "../../console/sign-in/pkce.ts";
import type { Assessment, ChangePlan, Simulation } from "../api/simulation-shapes.ts";
import type { SimulationsApi, Written } from "../api/simulations-api.ts";
import { makeActs } from "../one/act.ts";
import type { Acts } from "../one/act.ts";
import { isSealed } from "../one/allowed-actions.ts";
import { trialNotice } from "../one/trial-notice.ts";
import { examples, exampleOf } from "../views/examples.ts";
import type { PlanLimits } from "./assessment-view.ts";
import { assessmentView } from "./assessment-view.ts";
import { checkedEditor } from "./checked-editor.ts";
import { planView } from "./plan-view.ts";
import { reference } from "./reference.ts";

interface EditorDeps extends Pick<Signed, "show" | "signInEnded"> {
  readonly api: SimulationsApi;
  /** Of the simulation to change; undefined: a new one is made. */
  readonly id: string | undefined;
}

const keyFor = (): string => newSecret((bytes) => void crypto.getRandomValues(bytes));

/** One key for each text: repeating it is safe, changing it is a new request. */
const makeKeyOf = () => {
  const keys = new Map<string, string>();
  return (content: string): string => {
    const key = keys.get(content) ?? keyFor();
    keys.set(content, key);
    return key;
  };
};

const exampleChoice = (onChoose: (text: string) => void): HTMLElement => {
  const buttons = examples.map(({ title, text }) => {
    const button = element("button", { type: "button", class: "quiet chip" }, title);
    button.addEventListener("click", () => {
      onChoose(text);
      announce(`${title} is in the editor.`);
    });
    return button;
  });
  return element("div", { class: "row chips", role: "group", "aria-label": "Examples" }, ...buttons);
};

const showNew = ({ api, show, signInEnded }: EditorDeps, limits: PlanLimits): void => {
  const acts = makeActs(signInEnded);
  const keyOf = makeKeyOf();
  const text = (exampleOf(new URLSearchParams(location.search).get("example")) ?? examples[0])?.text ?? "";
  const editor = checkedEditor({
    text,
    check: (written) => api.validate(written),
    view: (assessment: Assessment, focusAt) => assessmentView(assessment, limits, focusAt),
    findingsOf: ({ findings }) => findings,
    ...{ signInEnded },
  });
  const create = (isStarted: boolean) => async (): Promise<void> => {
    const written = editor.text();
    const made = await api.create(written, isStarted, keyOf(`${isStarted} ${written}`));
    location.assign(`/simulations/${made.id}`);
  };
  show(
    "Create a simulation",
    element("p", {}, element("a", { href: "/simulations" }, "All simulations")),
    element(
      "section",
      { class: "card stack", "aria-label": "Create a simulation" },
      headingOf("Create a simulation"),
      element(
        "p",
        { class: "soft" },
        "Describe nodes and links; it is checked while you type. Or begin with an example:",
      ),
      exampleChoice(editor.setText),
      editor.root,
      element(
        "div",
        { class: "row" },
        acts.button("Create and start", create(true), ""),
        acts.button("Create only", create(false), "quiet"),
      ),
      acts.problems,
      reference(),
    ),
  );
  editor.start();
};

/** Somebody else was faster: their text is kept apart until this person says what shall become of their own. */
const changedMeanwhile = (acts: Acts, keepMine: () => Promise<void>, takeTheirs: () => Promise<void>): HTMLElement =>
  element(
    "div",
    { class: "notice warn stack", role: "alert" },
    element("p", {}, "The simulation was changed meanwhile, by somebody else or by itself. Your text is still here."),
    element(
      "div",
      { class: "row" },
      acts.button("Plan my changes again", keepMine),
      acts.button("Take the present topology", takeTheirs),
    ),
  );

/** While it tries a kit, a topology is there to be read: planning and making changes are refused. */
const showSealed = ({ show }: EditorDeps, simulation: Simulation, text: string): void => {
  const { id, name } = simulation;
  const notice = trialNotice();
  notice.update(simulation);
  const sample = element(
    "pre",
    { class: "sample wide", tabindex: "0", role: "region", "aria-label": "Topology" },
    text,
  );
  show(
    name,
    element("p", {}, element("a", { href: `/simulations/${id}` }, `Back to ${name}`)),
    element("section", { class: "card stack", "aria-label": "The topology" }, headingOf(name), notice.root, sample),
  );
};

const showChange = async (deps: EditorDeps, id: string): Promise<void> => {
  const { api, show, signInEnded } = deps;
  const [simulation, first, { limits }] = await Promise.all([api.get(id), api.topology(id), api.list()]);
  if (isSealed(simulation)) {
    showSealed(deps, simulation, first.text);
    return;
  }
  const { name } = simulation;
  const acts = makeActs(signInEnded);
  let written: Written = first;
  const editor = checkedEditor({
    text: written.text,
    check: (text) => api.plan(id, text),
    view: (plan: ChangePlan, focusAt) => planView(plan, limits, focusAt),
    findingsOf: ({ assessment }) => assessment.findings,
    ...{ signInEnded },
  });
  const reload = async (isTextTaken: boolean): Promise<void> => {
    written = await api.topology(id);
    acts.problems.replaceChildren();
    if (isTextTaken) editor.setText(written.text);
    editor.check();
  };
  const apply = async (): Promise<void> => {
    try {
      await api.change(id, { text: editor.text(), etag: written.etag });
      location.assign(`/simulations/${id}`);
    } catch (cause) {
      const error = toApiError(cause);
      if (error.facts.status !== 412) throw error;
      acts.problems.replaceChildren(
        changedMeanwhile(
          acts,
          () => reload(false),
          () => reload(true),
        ),
      );
    }
  };
  show(
    `Edit ${name}`,
    element("p", {}, element("a", { href: `/simulations/${id}` }, `Back to ${name}`)),
    element(
      "section",
      { class: "card stack", "aria-label": "Edit the topology" },
      headingOf(`Edit ${name}`),
      element(
        "p",
        { class: "soft" },
        "What your changes would do is said below while you type; nothing happens until you apply them.",
      ),
      editor.root,
      element("div", { class: "row" }, acts.button("Apply the changes", apply, "")),
      acts.problems,
      reference(),
    ),
  );
  editor.start();
};

/** The page where a topology is written, checked while it is, and made real. @throws ApiError when it cannot be read */
export const showEditor = async (deps: EditorDeps): Promise<void> => {
  if (deps.id === undefined) showNew(deps, (await deps.api.list()).limits);
  else await showChange(deps, deps.id);
};
