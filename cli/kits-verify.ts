import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { JWK } from "jose";
import { z } from "zod";
import { lintKit } from "../shared/stackkits/lint-kit.ts";
import { readKitArchive } from "../shared/stackkits/read-archive.ts";
import { isSignedBy, sha256Of } from "../shared/stackkits/sign-archive.ts";
import type { Command, CommandContext } from "./command.ts";
import { CommandFailure, UsageError } from "./failures.ts";

const PublicKey = z.looseObject({ kty: z.string() });
const KeySet = z.object({ keys: z.array(PublicKey) });
const Signed = z.object({ signature: z.string() });

const readBytes = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    throw new CommandFailure(`${file} cannot be read.`, { cause });
  });

const keysIn = (text: string): readonly JWK[] => {
  try {
    return KeySet.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new CommandFailure("The keys are no JWK set.", { cause });
  }
};

/** Which kit the archive says it is: the signature has to be one of exactly that version. */
const nameOf = (file: string, archive: Uint8Array): { readonly id: string; readonly version: string } => {
  const { files, findings } = readKitArchive(archive);
  const { kit } = findings.length === 0 ? lintKit(files) : { kit: undefined };
  if (kit === undefined) throw new CommandFailure(`${file} is no kit. ${findings[0]?.reason ?? ""}`.trim());
  return kit;
};

interface Sources {
  readonly signature?: string | undefined;
  readonly keys?: string | undefined;
}

/** From the files that are named, or from the platform. */
const readSources = async (
  { signature, keys }: Sources,
  { id, version }: { readonly id: string; readonly version: string },
  { platform }: CommandContext,
): Promise<{ readonly signature: string; readonly keys: readonly JWK[] }> => {
  if (signature !== undefined && keys !== undefined) {
    return { signature: (await readBytes(signature)).toString("utf8"), keys: keysIn(String(await readBytes(keys))) };
  }
  if (signature !== undefined || keys !== undefined) throw new UsageError("Give both --signature and --keys, or none.");
  const found = await platform.get(`/v1/stackkits/${id}?version=${encodeURIComponent(version)}`, Signed);
  return { ...found, keys: (await platform.get("/.well-known/stackkit-keys.json", KeySet)).keys };
};

export const verify: Command = {
  name: "verify",
  usage: "<archive> [--signature <file> --keys <file of a JWK set>] [--json]",
  summary: "Checks that an archive is what its publisher signed; asks the platform unless both files are named.",
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        signature: { type: "string" },
        keys: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new UsageError("Name one archive.");
    const archive = await readBytes(file);
    const { id, version } = nameOf(file, archive);
    const { signature, keys } = await readSources(values, { id, version }, context);
    const isVerified = await isSignedBy({ id, version, archive }, signature, keys);
    const sha256 = sha256Of(archive);
    if (values.json) context.print(JSON.stringify({ id, version, sha256, isVerified }));
    if (!isVerified) throw new CommandFailure(`${file} is not what was signed as ${id} ${version}. Do not use it.`);
    if (!values.json) context.print(`${id} ${version} is what its publisher signed (SHA-256 ${sha256})`);
  },
};
