import type { Kit, KitParameter } from "./kits-api.ts";

const scalar = (value: unknown): string => {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? JSON.stringify(value) : '""';
};

const parameterLines = ({ name, type, label, message, required, default: given, choices }: KitParameter): string[] => {
  const notes = [label, message, choices && `one of: ${choices.join(", ")}`].filter((note) => note !== undefined);
  const words = notes.map((note) => note.replace(/[.\s]+$/, "")).join(". ");
  const isOpen = given === undefined && required !== true && type !== "secret";
  return [`  # ${words}.`, `  ${isOpen ? "# " : ""}${name}: ${scalar(given)}`];
};

/** A spec to begin with: the kit's own values, and beside each what it means. What must be chosen is left empty. */
export const firstSpec = ({ id, name, parameters, ports }: Kit): string => {
  const lines = [`# What ${name} is to be called in your Stack.`, `name: ${id}`];
  if (parameters.length > 0) {
    const members = parameters.flatMap(parameterLines);
    const isAnyGiven = members.some((line) => !line.trim().startsWith("#"));
    lines.push(isAnyGiven ? "parameters:" : "parameters: {}", ...members);
  }
  if (ports.length > 0) {
    lines.push("ports:");
    for (const port of ports) lines.push(`  # To reach ${port.service}.`, `  ${port.name}: ${port.number}`);
  }
  return `${lines.join("\n")}\n`;
};
