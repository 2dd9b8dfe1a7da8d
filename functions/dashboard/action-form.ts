import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";

interface ActionForm {
  readonly name: string;
  readonly label: string;
  readonly id: string;
  readonly formToken: string;
  /** What the action is about, for those who hear the button without seeing where it stands. */
  readonly about: string;
}

/** Stands in every form that changes something. */
export const formTokenField = (formToken: string): Html =>
  html`<input type="hidden" name="formToken" value="${formToken}" />`;

/** A button that acts at once: only for what does no harm and can be undone. */
export const actionForm = ({ name, label, id, formToken, about }: ActionForm): Html =>
  html`<form method="post" action="/admin/actions/${name}" data-live>
    ${formTokenField(formToken)}<input type="hidden" name="id" value="${id}" />
    <button class="quiet compact">${label}<span class="visually-hidden"> ${about}</span></button>
  </form>`;
