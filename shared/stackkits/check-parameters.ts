import type { KitParameter } from "./kit-facts.ts";
import type { Complaint, SpecText } from "./read-spec.ts";

const lengthMax = 20_000;

const outOfBounds = ({ min, max }: KitParameter, size: number, what: string): string | undefined => {
  if (min !== undefined && size < min) return `${what} must be at least ${min}.`;
  return max !== undefined && size > max ? `${what} must be at most ${max}.` : undefined;
};

const wrongText = (parameter: KitParameter, value: unknown): string | undefined => {
  if (typeof value !== "string") return "It must be a text.";
  if (value.includes("\0")) return "It must not contain NUL.";
  if (value.length > lengthMax) return `It must have at most ${lengthMax} characters.`;
  return outOfBounds(parameter, value.length, "Its length");
};

/** Why the value is not one of the parameter; undefined when it is. Never repeats the value: it may be a secret. */
export const wrongValue = (parameter: KitParameter, value: unknown): string | undefined => {
  switch (parameter.type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "It must be true or false.";
    case "integer":
      if (typeof value !== "number" || !Number.isSafeInteger(value)) return "It must be a whole number.";
      return outOfBounds(parameter, value, "It");
    case "choice": {
      const choices = parameter.choices ?? [];
      const isOne = typeof value === "string" && choices.includes(value);
      return isOne ? undefined : `It must be one of: ${choices.join(", ")}.`;
    }
    case "string":
    case "secret":
      return wrongText(parameter, value);
  }
};

const converted = (value: unknown): readonly unknown[] => {
  if (value === "true" || value === "false") return [value === "true"];
  if (typeof value === "string" && /^-?\d{1,15}$/.test(value)) return [Number(value)];
  return typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
};

/** A value that is sure to be valid, nearest to what was meant. A secret is never invented. */
const betterValue = (parameter: KitParameter, value: unknown): unknown => {
  const offers = parameter.type === "secret" ? [] : [parameter.default, ...(parameter.choices ?? [])];
  const bounds = parameter.type === "integer" ? [parameter.min, parameter.max] : [];
  return [...converted(value), ...offers, ...bounds].find(
    (offer) => offer !== undefined && wrongValue(parameter, offer) === undefined,
  );
};

const repaired = (complaint: Omit<Complaint, "repair">, spec: SpecText, value: unknown): Complaint => {
  if (value === undefined) return complaint;
  const [first = "", second = ""] = complaint.path;
  const parent = spec.keys([first]) === undefined ? [{ op: "add" as const, path: `/${first}`, value: {} }] : [];
  return { ...complaint, repair: [...parent, { op: "add", path: `/${first}/${second}`, value }] };
};

const checkOne = (parameter: KitParameter, spec: SpecText, isMapping: boolean): Complaint | undefined => {
  const path = ["parameters", parameter.name];
  if (!isMapping || !spec.has(path)) {
    if (!parameter.isRequired) return undefined;
    const reason = `The parameter ${parameter.name} is required.`;
    return repaired({ rule: "spec/parameter-missing", path, reason }, spec, betterValue(parameter, undefined));
  }
  const value = spec.value(path);
  const wrong = wrongValue(parameter, value);
  if (wrong === undefined) return undefined;
  const reason = `The parameter ${parameter.name} is wrong. ${wrong}`;
  return repaired({ rule: "spec/parameter-invalid", path, reason }, spec, betterValue(parameter, value));
};

/** Every complaint about `/parameters`: wrong, missing and unknown ones. */
export const checkParameters = (parameters: readonly KitParameter[], spec: SpecText): readonly Complaint[] => {
  const keys = spec.keys(["parameters"]);
  const complaints: (Complaint | undefined)[] = parameters.map((parameter) =>
    checkOne(parameter, spec, keys !== undefined),
  );
  if (keys === undefined && spec.has(["parameters"])) {
    const repair = [{ op: "replace" as const, path: "/parameters", value: {} }];
    complaints.push({ rule: "spec/not-a-mapping", path: ["parameters"], reason: "Parameters are a mapping.", repair });
  }
  const known = new Set(parameters.map(({ name }) => name));
  for (const key of keys ?? []) {
    if (known.has(key)) continue;
    const path = ["parameters", key];
    const pointer = `/parameters/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const reason = `The kit has no parameter ${key.slice(0, 100)}.`;
    const repair = [{ op: "remove" as const, path: pointer }];
    complaints.push({ rule: "spec/parameter-unknown", path, reason, repair, isOfKey: true });
  }
  return complaints.filter((complaint) => complaint !== undefined);
};
