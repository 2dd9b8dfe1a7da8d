import type { RecordService } from "pocketbase";
import { element } from "../../page/element.ts";
import { formField } from "../../page/form-field.ts";
import { announce } from "../../page/live-region.ts";
import { selectField } from "../../page/select-field.ts";
import { nodeKinds, nodeRoles } from "../homelab.ts";
import type { StackFailure } from "../stack-error.ts";
import { openDialog } from "./dialog.ts";

const makeFields = () => ({
  name: formField({ name: "name", label: "Name", isRequired: true, maxLength: 100, isProse: false }),
  hostname: formField({ name: "hostname", label: "Host name", maxLength: 255, isProse: false }),
  address: formField({ name: "address", label: "Address", hint: "IP address or network name", isProse: false }),
});

/** Asks for a new node and adds it. `onOutside` is told of failures after which the page cannot go on. */
export const openAddNode = (nodes: RecordService, onOutside: (failure: StackFailure) => void): void => {
  const fields = makeFields();
  const kind = selectField("kind", "Kind", nodeKinds);
  const role = selectField("role", "Role", nodeRoles);
  const showErrors = (errors: Readonly<Record<string, string>>): boolean => {
    for (const [name, field] of Object.entries(fields)) field.showError(errors[name]);
    const first = Object.values(fields).find(({ input }) => input.getAttribute("aria-invalid") === "true");
    first?.input.focus();
    return first !== undefined;
  };
  const add = async (): Promise<void> => {
    const entries = Object.entries(fields).map(([name, { input }]) => [name, input.value.trim()] as const);
    const texts: Readonly<Record<string, string>> = Object.fromEntries(entries);
    const node = { ...texts, kind: kind.select.value, role: role.select.value, status: "pending" };
    await nodes.create(node);
    announce("The node is added.");
  };
  openDialog({
    title: "Add a node",
    content: [
      ...Object.values(fields).map(({ root }) => root),
      element("div", { class: "pair" }, kind.root, role.root),
    ],
    confirm: "Add the node",
    action: add,
    onOutside,
    showFailure: ({ fieldErrors }: StackFailure) => showErrors(fieldErrors),
  });
};
