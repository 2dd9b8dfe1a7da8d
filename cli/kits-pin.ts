import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { ResolveDigest } from "../shared/stackkits/pin-images.ts";
import { pinImages } from "../shared/stackkits/pin-images.ts";
import { readKitFolder } from "../shared/stackkits/read-folder.ts";
import type { Command, CommandContext } from "./command.ts";
import { CommandFailure, UsageError } from "./failures.ts";

type Say = Pick<CommandContext, "print" | "note">;

/** Answers how many images have no digest yet. */
const pinFolder = async (folder: string, resolveDigest: ResolveDigest, { print, note }: Say): Promise<number> => {
  const read = await readKitFolder(folder).catch((cause: unknown) => {
    throw new CommandFailure(`${folder} cannot be read.`, { cause });
  });
  if (read.findings.length > 0) throw new CommandFailure(read.findings[0]?.reason ?? `${folder} is no kit.`);
  const { files, pinned, failed } = await pinImages(read.files, resolveDigest);
  for (const [path, bytes] of files) if (bytes !== read.files.get(path)) await writeFile(join(folder, path), bytes);
  for (const { image, digest } of pinned) print(`${image}@${digest}`);
  for (const { reason } of failed) note(reason);
  if (pinned.length > 0) note("The kit has changed: raise its version before it is published.");
  return failed.length;
};

export const pinCommand = (resolveDigest: ResolveDigest): Command => ({
  name: "pin",
  usage: "<folder of a kit>...",
  summary: "Asks registries for the digests of images and writes them into the kit. Ends with 1 when some are missing.",
  async run(args, context) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    if (positionals.length === 0) throw new UsageError("Name the folder of a kit.");
    let missing = 0;
    for (const folder of positionals) missing += await pinFolder(resolve(folder), resolveDigest, context);
    if (missing > 0) throw new CommandFailure(`${missing} images have no digest yet.`);
  },
});
