import { readFileSync } from "node:fs";

/** A unit file of systemd, as far as ours need it: no quotes, no specifiers. */
export interface Unit {
  readonly sections: readonly string[];
  /** `Section.Key`, in order, each as often as it is written. */
  readonly keys: readonly string[];
  /** The values of a key of any section, in order. */
  all(key: string): readonly string[];
}

/** @throws Error on a line that is neither a section, a setting, nor a comment */
export const readUnit = (file: string): Unit => {
  const lines = readFileSync(file, "utf8").replaceAll("\\\n", " ").split("\n");
  const sections: string[] = [];
  const settings: { readonly key: string; readonly section: string; readonly value: string }[] = [];
  for (const line of lines) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const section = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (section !== undefined) sections.push(section);
    else if (key !== undefined) settings.push({ key, section: sections.at(-1) ?? "", value: value.trim() });
    else throw new Error(`${file}: this is no line of a unit: ${line}`);
  }
  return {
    sections,
    keys: settings.map(({ section, key }) => `${section}.${key}`),
    all: (wanted) => settings.filter(({ key }) => key === wanted).map(({ value }) => value),
  };
};
