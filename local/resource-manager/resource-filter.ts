import { ArmError } from "./arm-error.ts";

interface Filterable {
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** `name eq 'value'`, quotes inside doubled (OData). */
const term = /^(tagName|tagValue|resourceType|name|location) eq '((?:[^']|'')*)'$/;

const readTerms = (filter: string): ReadonlyMap<string, string> => {
  const terms = new Map<string, string>();
  // The split must not cut a value that contains " and ".
  for (const part of filter.match(/\S+ \S+ '(?:[^']|'')*'|\S+/g) ?? []) {
    if (part === "and") continue;
    const [, name, value] = term.exec(part) ?? [];
    if (name === undefined || value === undefined || terms.has(name))
      throw new ArmError("InvalidFilterInQueryString", `The filter '${filter}' is not supported here.`);
    terms.set(name, value.replaceAll("''", "'"));
  }
  return terms;
};

/** Reads `$filter` of a resource list: equality of tagName (with tagValue), resourceType, name, location. @throws ArmError */
export const parseResourceFilter = (filter: string): ((resource: Filterable) => boolean) => {
  const terms = readTerms(filter);
  const tagName = terms.get("tagName");
  if (tagName === undefined && terms.has("tagValue"))
    throw new ArmError("InvalidFilterInQueryString", "tagValue needs tagName.");
  const equal = (name: string, actual: string): boolean => {
    const wanted = terms.get(name);
    return wanted === undefined || wanted.toLowerCase() === actual.toLowerCase();
  };
  const hasTag = (tags: Readonly<Record<string, string>>): boolean =>
    tagName === undefined ||
    Object.entries(tags).some(
      ([name, value]) => name.toLowerCase() === tagName.toLowerCase() && (terms.get("tagValue") ?? value) === value,
    );
  return (resource) =>
    equal("resourceType", resource.type) &&
    equal("name", resource.name) &&
    equal("location", resource.location) &&
    hasTag(resource.tags);
};
