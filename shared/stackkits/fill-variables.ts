const variable =
  /\$\$|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?<operator>:?[-?+])(?<operand>[^}]{0,4000}))?\}|\$(?<bare>[A-Za-z_][A-Za-z0-9_]*)/g;

/** As `:-` of Compose: with the colon, what is empty counts as absent too. */
const chosen = (value: string | undefined, operator: string | undefined, operand: string): string => {
  const isSet = value !== undefined && (operator?.startsWith(":") !== true || value !== "");
  if (operator?.endsWith("+") === true) return isSet ? operand : "";
  if (isSet) return value;
  return operator?.endsWith("-") === true ? operand : "";
};

/** A text of a compose file with its variables filled in (Compose specification, section "Interpolation"; not nested). */
export const fillVariables = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replaceAll(variable, (...match: unknown[]) => {
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
    const name = groups["name"] ?? groups["bare"];
    if (name === undefined) return "$";
    return chosen(values.get(name), groups["operator"], groups["operand"] ?? "");
  });
