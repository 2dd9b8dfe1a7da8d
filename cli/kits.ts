import { createPrivateKey } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { exportJWK } from "jose";
import { fixKit, lintKit } from "../shared/stackkits/lint-kit.ts";
import { Slug } from "../shared/stackkits/kit.ts";
import { packKit } from "../shared/stackkits/pack-kit.ts";
import type { ResolveDigest } from "../shared/stackkits/pin-images.ts";
import type { KitStorage } from "../shared/stackkits/ports.ts";
import { makeKitPublisher } from "../shared/stackkits/publish-kit.ts";
import { readKitFolder } from "../shared/stackkits/read-folder.ts";
import { signArchive } from "../shared/stackkits/sign-archive.ts";
import type { Finding } from "../shared/stackkits/finding.ts";
import type { Command, CommandContext, CommandGroup } from "./command.ts";
import { CommandFailure, UsageError } from "./failures.ts";
import { pinCommand } from "./kits-pin.ts";
import { verify } from "./kits-verify.ts";
import { newKitFiles } from "./new-kit.ts";

export interface KitsEnvironment {
  /** File of an EC P-256 private key as PEM (PKCS 8); never the key itself. */
  readonly keyFile: string | undefined;
  readonly keyId: string;
  /** Opened only when something is published. */
  readonly openStorage: () => KitStorage | undefined;
  readonly resolveDigest: ResolveDigest;
  readonly now: () => Date;
}

const readFolder = (folder: string) =>
  readKitFolder(folder).catch((cause: unknown) => {
    throw new CommandFailure(`${folder} cannot be read.`, { cause });
  });

const lineOf = (folder: string, { file, line, column, severity, rule, reason }: Finding): string =>
  `${join(folder, file)}:${line}:${column}  ${severity}  ${rule}  ${reason}`;

const named = (folders: readonly string[]): readonly string[] => {
  if (folders.length === 0) throw new UsageError("Name the folder of a kit.");
  return folders.map((folder) => resolve(folder));
};

const lintOne = async (folder: string, isFixed: boolean): Promise<readonly Finding[]> => {
  const read = await readFolder(folder);
  if (read.findings.length > 0) return read.findings;
  if (!isFixed) return lintKit(read.files, basename(folder)).findings;
  const { files, findings } = fixKit(read.files, basename(folder));
  for (const [path, bytes] of files) if (bytes !== read.files.get(path)) await writeFile(join(folder, path), bytes);
  return findings;
};

const lint: Command = {
  name: "lint",
  usage: "<folder of a kit>... [--fix] [--json]",
  summary: "Checks kits; --fix repairs what can be repaired and keeps comments. Ends with 1 when there are errors.",
  async run(args, { print, note }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { fix: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
    });
    const all: (Finding & { readonly folder: string })[] = [];
    for (const folder of named(positionals)) {
      for (const finding of await lintOne(folder, values.fix)) all.push({ folder, ...finding });
    }
    if (values.json) print(JSON.stringify(all));
    else for (const finding of all) print(lineOf(finding.folder, finding));
    const errors = all.filter(({ severity }) => severity === "error").length;
    note(`${positionals.length} kits, ${errors} errors, ${all.length - errors} other findings`);
    if (errors > 0) throw new CommandFailure("There are errors.");
  },
};

const packFolder = async (folder: string, { print }: Pick<CommandContext, "print">) => {
  const read = await readFolder(folder);
  const result = read.findings.length > 0 ? read : packKit(read.files, basename(folder));
  if ("packed" in result) return result.packed;
  for (const finding of result.findings) print(lineOf(folder, finding));
  throw new CommandFailure(`${folder} has errors.`);
};

const pack: Command = {
  name: "pack",
  usage: "<folder of a kit> --out <directory> [--json]",
  summary: "Writes the archive of a kit; the same files give the same bytes.",
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: "string" }, json: { type: "boolean", default: false } },
    });
    if (values.out === undefined) throw new UsageError("Say where to: --out <directory>.");
    for (const folder of named(positionals)) {
      const { manifest, archive, sha256 } = await packFolder(folder, context);
      const file = join(values.out, `${manifest.kit.id}-${manifest.kit.version}.tar.gz`);
      await mkdir(values.out, { recursive: true });
      await writeFile(file, archive);
      const { images } = manifest;
      context.print(values.json ? JSON.stringify({ file, sha256, images }) : `${sha256}  ${file}`);
    }
  },
};

const publisherOf = async (environment: KitsEnvironment) => {
  const storage = environment.openStorage();
  if (storage === undefined) throw new CommandFailure("Set KOMBIFY_KITS_STORAGE to a connection string.");
  return makeKitPublisher({ storage, sign: await signerOf(environment), now: environment.now });
};

const withReason = (what: string) => (cause: unknown) => {
  throw new CommandFailure(cause instanceof Error ? cause.message : what, { cause });
};

const signerOf = async ({ keyFile, keyId }: KitsEnvironment) => {
  if (keyFile === undefined) throw new CommandFailure("Set KOMBIFY_KITS_KEY_FILE to the file of the signing key.");
  const pem = await readFile(keyFile, "utf8").catch((cause: unknown) => {
    throw new CommandFailure("The file of the signing key cannot be read.", { cause });
  });
  const key = await exportJWK(createPrivateKey(pem));
  return (signed: Parameters<typeof signArchive>[0]) => signArchive(signed, key, keyId);
};

const publishCommand = (environment: KitsEnvironment): Command => ({
  name: "publish",
  usage: "<folder of a kit>... [--json]",
  summary: "Publishes the versions in these folders; run it again when it was interrupted.",
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const publisher = await publisherOf(environment);
    for (const [index, folder] of named(positionals).entries()) {
      context.note(`${index + 1} of ${positionals.length}: ${folder}`);
      const packed = await packFolder(folder, context);
      const { id, version } = packed.manifest.kit;
      const outcome = await publisher.publish(packed).catch(withReason(`${id} cannot be published.`));
      const line = { id, version, outcome, sha256: packed.sha256 };
      context.print(values.json ? JSON.stringify(line) : `${id} ${version}  ${outcome}`);
    }
  },
});

const yankCommand = (environment: KitsEnvironment): Command => ({
  name: "yank",
  usage: "<id> <version> [--json]",
  summary: "Withdraws a version: it cannot be downloaded or installed any more; who has it keeps it.",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const [id, version, ...others] = positionals;
    if (id === undefined || version === undefined || others.length > 0)
      throw new UsageError("Name a kit and a version.");
    const { yank } = await publisherOf(environment);
    const outcome = await yank(id, version).catch(withReason(`${id} ${version} cannot be withdrawn.`));
    print(values.json ? JSON.stringify({ id, version, outcome }) : `${id} ${version}  ${outcome}`);
  },
});

const newCommand = (now: () => Date): Command => ({
  name: "new",
  usage: "<folder, named as the kit's id>",
  summary: "Writes a kit to begin with.",
  async run(args, { print }) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [folder, ...others] = named(positionals);
    if (folder === undefined || others.length > 0) throw new UsageError("Name one folder.");
    const id = basename(folder);
    if (!Slug.safeParse(id).success) throw new UsageError("An id has lower-case letters, digits and hyphens.");
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length > 0) throw new CommandFailure(`${folder} is not empty.`);
    for (const [path, text] of newKitFiles(id, now())) await writeFile(join(folder, path), text, { flag: "wx" });
    print(folder);
  },
});

/** `kombify kits ...`. The signing key and the store come from the environment, never from arguments. */
export const makeKitsGroup = (environment: KitsEnvironment): CommandGroup => ({
  name: "kits",
  commands: [
    newCommand(environment.now),
    lint,
    pinCommand(environment.resolveDigest),
    pack,
    publishCommand(environment),
    yankCommand(environment),
    verify,
  ],
});
