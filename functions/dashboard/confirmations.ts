import { formTokenField } from "./action-form.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { ActionName } from "./operator-commands.ts";

interface Confirmation {
  readonly title: string;
  readonly question: (fields: Readonly<Record<string, string>>) => string;
  readonly button: string;
  readonly isDanger: boolean;
}

/** What is asked before an action that costs money or cannot simply be undone. */
const confirmations = {
  provision: {
    title: "Provision an instance?",
    question: ({ mode, region }) =>
      `This starts a ${mode === "DEDICATED" ? "dedicated" : "shared"} instance in ${region ?? ""}. It costs money from then on.`,
    button: "Provision the instance",
    isDanger: false,
  },
  drain: {
    title: "Drain the instance?",
    question: ({ id }) => `${id ?? ""} keeps its tenants and takes no new ones. You can undrain it later.`,
    button: "Drain the instance",
    isDanger: false,
  },
  undrain: {
    title: "Undrain the instance?",
    question: ({ id }) => `${id ?? ""} takes new tenants again.`,
    button: "Undrain the instance",
    isDanger: false,
  },
  retire: {
    title: "Retire the instance?",
    question: ({ id }) => `${id ?? ""} and everything that was deployed for it is removed. This cannot be undone.`,
    button: "Retire the instance",
    isDanger: true,
  },
  cancel: {
    title: "Cancel the operation?",
    question: ({ id }) => `What the operation ${id ?? ""} has done so far is undone.`,
    button: "Cancel the operation",
    isDanger: true,
  },
} as const satisfies Partial<Record<ActionName, Confirmation>>;

type AskedAction = keyof typeof confirmations;

/** Whether the action is one that is asked about first. */
export const isAskedAction = (name: string): name is AskedAction => Object.hasOwn(confirmations, name);

/** The page that asks first. Fields come from outside and are escaped. */
export const confirmation = (
  name: AskedAction,
  fields: Readonly<Record<string, string>>,
  formToken: string,
): { readonly title: string; readonly content: Html } => {
  const { title, question, button, isDanger }: Confirmation = confirmations[name];
  const content = html`<section class="card stack">
    <h1>${title}</h1>
    <p>${question(fields)}</p>
    <form method="post" action="/admin/actions/${name}" class="row">
      ${formTokenField(formToken)}
      ${Object.entries(fields).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`)}
      <button class="${isDanger && "danger"}">${button}</button>
      <a class="button quiet" href="/admin">No, go back</a>
    </form>
  </section>`;
  return { title, content };
};
