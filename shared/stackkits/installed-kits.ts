import { stringify } from "yaml";
import type { Installation } from "./installation.ts";
import { installationsOf } from "./installation.ts";
import type { StackRows } from "./kit-stack.ts";

export interface InstalledKit {
  readonly name: string;
  readonly version: string;
  /** As YAML, to be changed and installed again. Values of secrets are not known any more: they are left empty. */
  readonly spec: string;
}

const specOf = ({ name, parameters, ports }: Installation): string => {
  const plain = Object.entries(parameters).map(
    ([key, value]) => [key, typeof value === "object" ? "" : value] as const,
  );
  return stringify({
    name,
    ...(plain.length === 0 ? {} : { parameters: Object.fromEntries(plain) }),
    ...(Object.keys(ports).length === 0 ? {} : { ports }),
  });
};

/** What a kit is installed as in a Stack, by name. */
export const installedKits = (rows: StackRows, kitId: string): readonly InstalledKit[] =>
  installationsOf(rows)
    .filter(({ spec }) => spec.kit === kitId)
    .map(({ spec }) => ({ name: spec.name, version: spec.version, spec: specOf(spec) }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
