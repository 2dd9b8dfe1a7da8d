import type { z } from "zod";
import { pathOf, pointerOf } from "../yaml/json-pointer.ts";
import { wrongValue } from "./check-parameters.ts";
import { imagePartsOf, isExactTag } from "./image-name.ts";
import { Kit, kitFactsOf } from "./kit.ts";
import type { Problem } from "./rules.ts";

const textsOf = (path: readonly PropertyKey[]): readonly string[] => path.map(String);

const valueAt = (data: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, part)?.value : undefined,
    data,
  );

const memberOf = (data: unknown, name: string): string => {
  const value = valueAt(data, [name]);
  return typeof value === "string" ? value : "";
};

/** What nearly every kit says, for members that are missing. What only the author knows is not guessed. */
const usual: Readonly<Record<string, (data: unknown) => unknown>> = {
  minPlan: () => "free",
  categories: () => ["home"],
  architectures: () => ["amd64"],
  requirements: () => ({ memoryMegabytes: 256, diskMegabytes: 1_000 }),
  name: (data) => memberOf(data, "id") || undefined,
};

const missingRepair = (data: unknown, path: readonly string[]): Pick<Problem, "repair"> => {
  const [name = "", ...others] = path;
  const value = others.length === 0 && valueAt(data, path) === undefined ? usual[name]?.(data) : undefined;
  return value === undefined ? {} : { repair: [{ op: "add", path: pointerOf(path), value }] };
};

const problemsOfIssue = (data: unknown, issue: z.core.$ZodIssue): readonly Problem[] => {
  const path = textsOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      rule: "kit/member-unknown",
      path: [...path, key],
      reason: `There is no member ${key.slice(0, 100)} here.`,
      repair: [{ op: "remove", path: pointerOf([...path, key]) }],
      isOfKey: true,
    }));
  }
  const reason = `${pointerOf(path) || "The kit"}: ${issue.message}`.slice(0, 300);
  return [{ rule: "kit/schema", path, reason, ...missingRepair(data, path) }];
};

const twice = (kit: Kit): readonly Problem[] =>
  (["services", "ports", "volumes", "parameters"] as const).flatMap((member) => {
    const seen = new Set<string>();
    return kit[member].flatMap(({ name }, index): readonly Problem[] => {
      const isTwice = seen.has(name);
      seen.add(name);
      if (!isTwice) return [];
      const path = [member, String(index), "name"];
      return [{ rule: "kit/name-twice", path, reason: `The name ${name} is there twice in ${member}.` }];
    });
  });

const unknownServices = (kit: Kit): readonly Problem[] =>
  (["ports", "volumes"] as const).flatMap((member) =>
    kit[member].flatMap(({ service }, index): readonly Problem[] => {
      const names = kit.services.map(({ name }) => name);
      if (names.includes(service)) return [];
      const path = [member, String(index), "service"];
      const [only, ...others] = names;
      const repair =
        only === undefined || others.length > 0
          ? {}
          : { repair: [{ op: "replace" as const, path: pointerOf(path), value: only }] };
      return [{ rule: "kit/service-unknown", path, reason: `There is no service ${service}.`, ...repair }];
    }),
  );

const parameters = (kit: Kit): readonly Problem[] =>
  kitFactsOf(kit).parameters.flatMap((parameter, index): readonly Problem[] => {
    const at = ["parameters", String(index)];
    const rule = "kit/parameter-invalid";
    if (parameter.type === "choice" && parameter.choices === undefined) {
      return [{ rule, path: at, reason: `The parameter ${parameter.name} has no choices.` }];
    }
    if (parameter.default === undefined) return [];
    const path = [...at, "default"];
    const repair = [{ op: "remove" as const, path: pointerOf(path) }];
    if (parameter.type === "secret") return [{ rule, path, reason: "A secret has no default.", repair }];
    const wrong = wrongValue(parameter, parameter.default);
    return wrong === undefined ? [] : [{ rule, path, reason: `The default is wrong. ${wrong}`, repair }];
  });

const images = (kit: Kit): readonly Problem[] =>
  kit.services.flatMap(({ name, image }, index): readonly Problem[] => {
    const { tag, digest } = imagePartsOf(image);
    const path = ["services", String(index), "image"];
    if (!isExactTag(tag)) {
      const reason = `The image of ${name} needs the tag of one release, not ${tag ?? "none"}.`;
      return [{ rule: "kit/image-not-pinned", path, reason }];
    }
    const reason = `The image of ${name} has no digest: its tag could be moved.`;
    return digest === null ? [{ rule: "kit/image-no-digest", path, reason }] : [];
  });

const single = (kit: Kit): readonly Problem[] => {
  const newest = kit.changelog[0]?.version;
  const path = ["changelog", "0", "version"];
  const reason = `The changelog begins with ${newest ?? "nothing"}, but the version is ${kit.version}.`;
  const self = kit.dependencies.findIndex(({ id }) => id === kit.id);
  return [
    ...(newest === kit.version ? [] : [{ rule: "kit/changelog-version" as const, path, reason }]),
    ...(self === -1
      ? []
      : [
          {
            rule: "kit/depends-on-itself" as const,
            path: ["dependencies", String(self)],
            reason: "A kit cannot depend on itself.",
            repair: [{ op: "remove" as const, path: `/dependencies/${self}` }],
          },
        ]),
  ];
};

export interface LintedManifest {
  readonly kit: Kit | undefined;
  readonly problems: readonly Problem[];
}

/** The data with repairs of schema problems applied; those only add or remove members of mappings. */
const mended = (data: unknown, problems: readonly Problem[]): unknown => {
  const copy: unknown = structuredClone(data);
  for (const { op, path, ...rest } of problems.flatMap(({ repair = [] }) => repair)) {
    const parts = pathOf(path);
    const parent = valueAt(copy, parts.slice(0, -1));
    const key = parts.at(-1) ?? "";
    if (typeof parent !== "object" || parent === null) continue;
    if (op === "remove") Reflect.deleteProperty(parent, key);
    else Reflect.set(parent, key, "value" in rest ? rest.value : undefined);
  }
  return copy;
};

/**
 * Checks the data of a kit.yaml. `kit` is there when it has the right form, or would have it with the repairs: a repair
 * must not bring to light what was hidden before.
 */
export const lintManifest = (data: unknown): LintedManifest => {
  const parsed = Kit.safeParse(data);
  const form = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOfIssue(data, issue));
  const kit = parsed.success ? parsed.data : Kit.safeParse(mended(data, form)).data;
  const checks = [twice, unknownServices, parameters, images, single];
  return { kit, problems: [...form, ...(kit === undefined ? [] : checks.flatMap((check) => check(kit)))] };
};
