import { parseDocument } from "yaml";
import { pathOf } from "../yaml/json-pointer.ts";
import type { Finding } from "./finding.ts";
import type { KitFiles } from "./kit-files.ts";
import { composeFile, iconFile, kitFile, readmeFile, requiredFiles } from "./kit-files.ts";
import { decode, readKitYaml } from "./kit-text.ts";
import type { Kit } from "./kit.ts";
import { isArchive } from "./is-archive.ts";
import { lintCompose } from "./lint-compose.ts";
import { isPlainSvg } from "./lint-icon.ts";
import { lintManifest } from "./lint-manifest.ts";
import { findingOf } from "./rules.ts";

export interface LintedKit {
  readonly kit: Kit | undefined;
  readonly findings: readonly Finding[];
}

const lintIcon = (files: KitFiles): readonly Finding[] => {
  const read = decode(files, iconFile);
  if ("finding" in read) return [read.finding];
  const reason = "The icon must be an SVG of shapes and text, without scripts, styles and addresses.";
  return isPlainSvg(read.text) ? [] : [findingOf({ rule: "kit/icon", reason }, { file: iconFile })];
};

const lintOthers = (files: KitFiles): readonly Finding[] => {
  const readme = decode(files, readmeFile);
  const known: readonly string[] = requiredFiles;
  const unexpected = [...files.keys()]
    .filter((path) => !known.includes(path) && !path.startsWith("files/"))
    .map((file) => findingOf({ rule: "kit/file-unexpected", reason: "Further files belong into files/." }, { file }));
  const archives = [...files]
    .filter(([, bytes]) => isArchive(bytes))
    .map(([file]) => findingOf({ rule: "kit/path", reason: "An archive in a kit is refused, by any name." }, { file }));
  return [...("finding" in readme ? [readme.finding] : []), ...lintIcon(files), ...unexpected, ...archives];
};

/** Checks everything of a kit that can be known without a network. `folder` is the name of its folder, if it has one. */
export const lintKit = (files: KitFiles, folder?: string): LintedKit => {
  const others = lintOthers(files);
  const manifest = readKitYaml(files, kitFile);
  const compose = readKitYaml(files, composeFile);
  const composeFindings = "yaml" in compose ? [] : compose.findings;
  if (!("yaml" in manifest)) return { kit: undefined, findings: [...manifest.findings, ...composeFindings, ...others] };
  const { kit, problems } = lintManifest(manifest.yaml.data);
  const findings = problems.map(manifest.yaml.locate);
  if (kit !== undefined && folder !== undefined && kit.id !== folder) {
    const repair = [{ op: "replace" as const, path: "/id", value: folder }];
    const reason = `The folder is ${folder}, but the id is ${kit.id}.`;
    findings.push(manifest.yaml.locate({ rule: "kit/folder-differs", path: ["id"], reason, repair }));
  }
  if (kit !== undefined && "yaml" in compose) {
    findings.push(...lintCompose(kit, compose.yaml.data).map(compose.yaml.locate));
  }
  return { kit, findings: [...findings, ...composeFindings, ...others] };
};

/** The files with one finding's repair applied; comments and order stay. */
export const repairKit = (files: KitFiles, { file, repair }: Finding): KitFiles => {
  const bytes = files.get(file);
  if (bytes === undefined || repair === undefined) return files;
  const document = parseDocument(Buffer.from(bytes).toString("utf8"));
  for (const operation of repair) {
    const path = pathOf(operation.path);
    if (operation.op === "remove") document.deleteIn(path);
    else document.setIn(path, document.createNode(operation.value));
  }
  return new Map(files).set(file, Buffer.from(document.toString({ lineWidth: 0 })));
};

const repairsMax = 200;

/** Applies repairs until none is left; one that would not lead to fewer findings is left alone. */
export const fixKit = (files: KitFiles, folder?: string): LintedKit & { readonly files: KitFiles } => {
  let current = files;
  let linted = lintKit(current, folder);
  for (let count = 0; count < repairsMax; count += 1) {
    const better = firstBetter(current, linted.findings, folder);
    if (better === undefined) break;
    ({ files: current, linted } = better);
  }
  return { ...linted, files: current };
};

const firstBetter = (files: KitFiles, findings: readonly Finding[], folder: string | undefined) => {
  for (const finding of findings) {
    if (finding.repair === undefined) continue;
    const repaired = repairKit(files, finding);
    const linted = lintKit(repaired, folder);
    if (linted.findings.length < findings.length) return { files: repaired, linted };
  }
  return undefined;
};
