import { submitButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import type { FormField } from "../../page/form-field.ts";
import { formField } from "../../page/form-field.ts";
import { toApiError } from "../api/api-error.ts";
import type { NewTenant } from "../api/platform-api.ts";
import { card } from "../screen.ts";
import { suggestSlug } from "../suggest-slug.ts";
import { problemNotice } from "./problem.ts";

interface Fields {
  readonly name: FormField;
  readonly slug: FormField;
}

const makeFields = (organisation: string): Fields => {
  const name = formField({
    name: "name",
    label: "Name",
    hint: "What your people will read.",
    isRequired: true,
    maxLength: 80,
    autocomplete: "organization",
  });
  const slug = formField({
    name: "slug",
    label: "Slug",
    hint: "Its short name in addresses: a to z, digits and single hyphens. It stays as it is.",
    isRequired: true,
    maxLength: 63,
    isProse: false,
  });
  name.input.value = organisation;
  slug.input.value = suggestSlug(organisation);
  let isOwnSlug = false;
  slug.input.addEventListener("input", () => {
    isOwnSlug = slug.input.value !== "";
  });
  name.input.addEventListener("input", () => {
    if (!isOwnSlug) slug.input.value = suggestSlug(name.input.value);
  });
  return { name, slug };
};

/** Shows the server's findings at their fields and leads there; true when there was a field for one. */
const showFindings = ({ name, slug }: Fields, findings: Readonly<Record<string, string>>): boolean => {
  name.showError(findings["name"]);
  slug.showError(findings["slug"]);
  const first = [name, slug].find(({ input }) => input.getAttribute("aria-invalid") === "true");
  first?.input.focus();
  return first !== undefined;
};

const emptyFindings = ({ name, slug }: Fields): Readonly<Record<string, string>> => ({
  ...(name.input.value.trim() === "" ? { name: "Please give it a name." } : {}),
  ...(slug.input.value === "" ? { slug: "Please give it a slug." } : {}),
});

/** The form that makes the organisation's tenant. `create` throws `ApiError`, or shows what comes next. */
export const newTenantView = (
  organisation: string,
  create: (tenant: NewTenant) => Promise<void>,
  note?: string,
): HTMLElement => {
  const fields = makeFields(organisation);
  const problem = element("div", { class: "wide" });
  const submit = async (): Promise<void> => {
    problem.replaceChildren();
    if (showFindings(fields, emptyFindings(fields))) return;
    try {
      await create({ name: fields.name.input.value.trim(), slug: fields.slug.input.value });
    } catch (cause) {
      const error = toApiError(cause);
      const isTaken = error.facts.code === "slug-taken";
      const findings = isTaken ? { slug: error.message } : (error.facts.fieldErrors ?? {});
      if (!showFindings(fields, findings)) problem.replaceChildren(problemNotice(error));
    }
  };
  const form = element("form", { class: "stack", novalidate: true }, fields.name.root, fields.slug.root, problem);
  form.append(submitButton(form, "Create your tenant", submit));
  return card(
    "Create your tenant",
    note === undefined ? undefined : element("p", { class: "notice" }, note),
    element(
      "p",
      { class: "soft" },
      "Your organisation has no tenant yet. It takes a moment to make one; everybody in your organisation will share it.",
    ),
    form,
  );
};
