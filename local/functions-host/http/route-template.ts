import { type RouteConstraint, routeConstraint } from "./route-constraints.ts";

interface RouteParameter {
  readonly name: string;
  readonly isCatchAll: boolean;
  readonly isOptional: boolean;
  readonly defaultValue: string | undefined;
  readonly constraints: readonly RouteConstraint[];
}

type Segment = readonly (string | RouteParameter)[];

export type RouteValues = Readonly<Record<string, string>>;

/** @param path decoded, without leading or trailing slash; @returns the values, or undefined when it does not match */
export type RouteMatcher = (path: string) => RouteValues | undefined;

/** Splits off the text inside braces that starts after `start`; a doubled brace stands for itself. */
const readBraces = (template: string, start: number): { readonly content: string; readonly end: number } => {
  let content = "";
  for (let at = start; at < template.length; at += 1) {
    const character = template.charAt(at);
    const isDoubled = (character === "{" || character === "}") && template.charAt(at + 1) === character;
    if (isDoubled) at += 1;
    else if (character === "}") return { content, end: at + 1 };
    else if (character === "{") break;
    content += character;
  }
  throw new Error(`The route template "${template}" has a brace without a partner.`);
};

/** `int`, `range(1,3)`, `regex(^a:b$)`: an argument ends at a bracket followed by the next constraint or the end. */
const parseConstraints = (text: string): readonly RouteConstraint[] => {
  const constraints: RouteConstraint[] = [];
  let rest = text;
  while (rest !== "") {
    const match = /^:([a-z]+)(?:\((.*?)\)(?=:|$))?/is.exec(rest);
    if (match?.[1] === undefined) throw new Error(`The route constraint "${rest}" cannot be read.`);
    constraints.push(routeConstraint(match[1], match[2]));
    rest = rest.slice(match[0].length);
  }
  return constraints;
};

const parseParameter = (content: string): RouteParameter => {
  const match = /^(\*{0,2})([a-z_][\w-]*)((?::.*?)?)(?:=([^=]*))?(\??)$/is.exec(content);
  if (match?.[2] === undefined) throw new Error(`The route parameter "{${content}}" cannot be read.`);
  return {
    name: match[2],
    isCatchAll: match[1] !== "",
    constraints: parseConstraints(match[3] ?? ""),
    defaultValue: match[4],
    isOptional: match[5] === "?",
  };
};

const parseSegments = (template: string): readonly Segment[] => {
  const segments: (string | RouteParameter)[][] = [[]];
  for (let at = 0; at < template.length;) {
    const current = segments.at(-1) ?? [];
    const character = template.charAt(at);
    if (character === "/") {
      segments.push([]);
      at += 1;
    } else if (character === "{") {
      const { content, end } = readBraces(template, at + 1);
      current.push(parseParameter(content));
      at = end;
    } else {
      current.push(character);
      at += 1;
    }
  }
  return segments;
};

const isParameter = (part: string | RouteParameter): part is RouteParameter => typeof part !== "string";

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

const segmentPattern = (segment: Segment): string =>
  segment
    .map((part) => {
      if (typeof part === "string") return escapeRegExp(part);
      return part.isCatchAll ? "(.*)" : "([^/]+)";
    })
    .join("");

const checkShape = (template: string, segments: readonly Segment[]): void => {
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    for (const parameter of segment.filter(isParameter)) {
      const key = parameter.name.toLowerCase();
      if (names.has(key)) throw new Error(`The route template "${template}" uses "${parameter.name}" twice.`);
      names.add(key);
      const standsAlone = segment.length === 1;
      if (parameter.isCatchAll && !(standsAlone && index === segments.length - 1)) {
        throw new Error(`The catch-all in the route template "${template}" must be its last segment.`);
      }
      if (!standsAlone && (parameter.isOptional || parameter.defaultValue !== undefined)) {
        throw new Error(`An optional part of a segment is not supported locally: "${template}".`);
      }
    }
  }
};

const mayBeMissing = (segment: Segment): boolean => {
  const only = segment[0];
  if (segment.length !== 1 || only === undefined || !isParameter(only)) return false;
  return only.isCatchAll || only.isOptional || only.defaultValue !== undefined;
};

/** One pattern for the whole path; segments at the end that may be missing nest from the right. */
const pathPattern = (segments: readonly Segment[]): RegExp => {
  const required = segments.findLastIndex((segment) => !mayBeMissing(segment)) + 1;
  const head = segments.slice(0, required).map(segmentPattern).join("/");
  let tail = "";
  for (const [offset, segment] of [...segments.slice(required).entries()].reverse()) {
    const isFirst = required + offset === 0;
    tail = `(?:${isFirst ? "" : "/"}${segmentPattern(segment)}${tail})?`;
  }
  return new RegExp(`^${head}${tail}$`, "is");
};

const withoutSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, "");

/**
 * Compiles an ASP.NET route template: literals without regard to case, `{id}`, `{id?}`, `{id=1}`, `{id:int}`, `{*rest}`
 * and mixed segments such as `a-{x}`. @throws for a template that cannot be read
 */
export const compileRoute = (template: string): RouteMatcher => {
  const bare = withoutSlashes(template);
  const segments = bare === "" ? [] : parseSegments(bare);
  checkShape(template, segments);
  const pattern = pathPattern(segments);
  const parameters = segments.flatMap((segment) => segment.filter(isParameter));
  return (path) => {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    const values: Record<string, string> = {};
    for (const [index, parameter] of parameters.entries()) {
      const found = match[index + 1];
      const given = found === "" ? undefined : found;
      if (given !== undefined && !parameter.constraints.every((accepts) => accepts(given))) return undefined;
      const value = given ?? parameter.defaultValue;
      if (value !== undefined) values[parameter.name] = value;
    }
    return values;
  };
};
