import { open, opendir } from "node:fs/promises";
import { constants } from "node:fs";
import { join } from "node:path";
import type { ReadFiles } from "./kit-files.ts";
import { kitFile, kitLimits, makeFileGatherer } from "./kit-files.ts";
import { findingOf } from "./rules.ts";

/** At most one byte more than allowed is read, whatever the file grows to meanwhile; a link is not followed. */
const readBounded = async (path: string): Promise<Uint8Array> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const buffer = Buffer.alloc(kitLimits.fileBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      ({ bytesRead: read } = await handle.read(buffer, length, buffer.length - length));
    }
    return Uint8Array.prototype.slice.call(buffer, 0, length);
  } finally {
    await handle.close();
  }
};

/** Reads the folder of a kit. Links and everything that is neither file nor folder are refused. @throws what node:fs throws */
export const readKitFolder = async (folder: string): Promise<ReadFiles> => {
  const gatherer = makeFileGatherer();
  const walk = async (relative: string): Promise<boolean> => {
    const names: { name: string; isFile: boolean; isFolder: boolean }[] = [];
    for await (const entry of await opendir(join(folder, relative))) {
      names.push({ name: entry.name, isFile: entry.isFile(), isFolder: entry.isDirectory() });
      if (names.length > kitLimits.entries) break;
    }
    for (const { name, isFile, isFolder } of names.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = relative === "" ? name : `${relative}/${name}`;
      if (isFolder && path.length <= kitLimits.pathLength && gatherer.admit(path, 0)) {
        if (!(await walk(path))) return false;
        continue;
      }
      if (!isFile) {
        const reason = `${JSON.stringify(path)} is neither a file nor a folder; links are refused.`;
        return gatherer.refuse(findingOf({ rule: "kit/path", reason }, { file: kitFile }));
      }
      const bytes = await readBounded(join(folder, path));
      if (!gatherer.admit(path, bytes.length)) return false;
      gatherer.add(path, bytes);
    }
    return true;
  };
  await walk("");
  return gatherer.result();
};
