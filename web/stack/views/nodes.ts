import type { RecordService } from "pocketbase";
import { tableRow } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { selectOf } from "../../page/select-field.ts";
import type { HomelabNode } from "../homelab.ts";
import { nodeStatuses } from "../homelab.ts";
import type { KeyedRow } from "../keyed-rows.ts";
import { keyedRows } from "../keyed-rows.ts";
import { toStackFailure } from "../stack-error.ts";
import type { StackFailure } from "../stack-error.ts";
import { openAddNode } from "./add-node.ts";
import { openDialog } from "./dialog.ts";
import { listSection } from "./list-section.ts";

const describe = ({ kind, role, hostname, address }: HomelabNode): string =>
  [`${kind} ${role}`, hostname, address].filter((part) => part !== "").join(" · ");

interface NodeActions {
  readonly nodes: RecordService;
  readonly onFailure: (failure: StackFailure) => void;
  /** Where the focus goes when the row that held it is gone. */
  readonly onDeleted: () => void;
}

const confirmDelete = ({ id, name }: HomelabNode, { nodes, onDeleted, onFailure }: NodeActions): void =>
  openDialog({
    title: `Delete ${name}?`,
    content: [
      element("p", {}, "The node is removed from your homelab for everybody. Its services stay, without a node."),
    ],
    confirm: "Delete the node",
    isDangerous: true,
    onOutside: onFailure,
    action: async () => {
      await nodes.delete(id);
      announce(`${name} is deleted.`);
      onDeleted();
    },
  });

const makeRow = (first: HomelabNode, actions: NodeActions): KeyedRow<HomelabNode> => {
  let node = first;
  const name = element("span");
  const about = element("span", { class: "soft small" });
  const status = selectOf(nodeStatuses, undefined);
  const deleteButton = element("button", { type: "button", class: "danger compact" }, "Delete");
  deleteButton.addEventListener("click", () => confirmDelete(node, actions));
  const changeStatus = async (): Promise<void> => {
    try {
      await actions.nodes.update(node.id, { status: status.value });
      announce(`${node.name} is now ${status.value}.`);
    } catch (error) {
      status.value = node.status;
      actions.onFailure(toStackFailure(error));
    }
  };
  status.addEventListener("change", () => void changeStatus());
  const update = (item: HomelabNode): void => {
    node = item;
    name.textContent = node.name;
    about.textContent = describe(node);
    status.value = node.status;
    status.setAttribute("aria-label", `Status of ${node.name}`);
    deleteButton.setAttribute("aria-label", `Delete ${node.name}`);
  };
  update(node);
  const title = element("div", {}, name, element("br"), about);
  const row = tableRow(title, status, element("div", { class: "end" }, deleteButton));
  return { row, update };
};

/** The machines of the homelab. */
export const nodesView = (nodes: RecordService, onFailure: (failure: StackFailure) => void) => {
  const add = element("button", { type: "button", class: "compact" }, "Add a node");
  add.addEventListener("click", () => openAddNode(nodes, onFailure));
  const section = listSection({
    title: "Nodes",
    columns: ["Node", "Status", "Actions"],
    empty: "No nodes yet. Add the first machine of your homelab.",
    actions: [add],
  });
  section.root.classList.add("nodes");
  const actions: NodeActions = { nodes, onFailure, onDeleted: () => section.heading.focus() };
  const setRows = keyedRows<HomelabNode>(section.body, (node) => makeRow(node, actions));
  const onChange = (items: readonly HomelabNode[], total: number): void => {
    setRows(items);
    section.setCount(items.length, total);
  };
  return { root: section.root, onChange };
};
