import type { Kit } from "./kit.ts";

type Parameter = Kit["parameters"][number];

/** Within the parameter's bounds of length. */
const fitted = (text: string, { min = 0, max = text.length }: Parameter): string =>
  text.padEnd(min, "x").slice(0, Math.max(min, max));

const sampleOf = (parameter: Parameter, newSecret: () => string): string => {
  if (parameter.default !== undefined) return String(parameter.default);
  switch (parameter.type) {
    case "boolean":
      return "false";
    case "integer":
      return String(parameter.min ?? Math.min(1, parameter.max ?? 1));
    case "choice":
      return parameter.choices?.[0] ?? "";
    case "secret":
      return fitted(newSecret(), parameter);
    case "string":
      return parameter.required ? fitted("example", parameter) : "";
  }
};

/** Values that are valid, for a trial that nobody fills a form for: the kit's own, else the plainest. Secrets are random. */
export const sampleParameters = (
  { parameters }: Pick<Kit, "parameters">,
  newSecret: () => string,
): ReadonlyMap<string, string> =>
  new Map(parameters.map((parameter) => [parameter.name, sampleOf(parameter, newSecret)]));
