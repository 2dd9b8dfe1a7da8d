import { gunzipSync } from "node:zlib";
import type { ReadFiles } from "./kit-files.ts";
import { kitFile, kitLimits, makeFileGatherer } from "./kit-files.ts";
import { findingOf } from "./rules.ts";

const blockBytes = 512;

interface Entry {
  readonly path: string;
  readonly type: string;
  readonly sizeBytes: number;
}

const text = (block: Uint8Array, start: number, length: number): string => {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString("utf8");
};

const octal = (block: Uint8Array, start: number, length: number): number => {
  const digits = text(block, start, length).trim();
  return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
};

/** A header of ustar (POSIX.1-1988); undefined when its checksum is wrong. */
const entryOf = (block: Uint8Array): Entry | undefined => {
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  const sizeBytes = octal(block, 124, 12);
  if (sum !== octal(block, 148, 8) || Number.isNaN(sizeBytes)) return undefined;
  const prefix = text(block, 345, 155);
  const name = text(block, 0, 100);
  return { path: prefix === "" ? name : `${prefix}/${name}`, type: text(block, 156, 1) || "0", sizeBytes };
};

const unpack = (archive: Uint8Array): Uint8Array | undefined => {
  try {
    // Headers and padding are at most 1,024 bytes a file.
    const maxOutputLength = kitLimits.unpackedBytes + (kitLimits.entries + 2) * 1_024;
    return gunzipSync(archive, { maxOutputLength });
  } catch {
    return undefined;
  }
};

/**
 * Reads a packed kit. Only files are allowed in it: links, devices, folders and extensions of tar are refused. Memory is
 * bounded by the limits, whatever the archive says or unpacks to.
 */
export const readKitArchive = (archive: Uint8Array): ReadFiles => {
  const gatherer = makeFileGatherer();
  const refuse = (reason: string): ReadFiles => {
    gatherer.refuse(findingOf({ rule: "kit/archive", reason }, { file: kitFile }));
    return gatherer.result();
  };
  if (archive.length > kitLimits.archiveBytes) return refuse(`An archive has at most ${kitLimits.archiveBytes} bytes.`);
  const tar = unpack(archive);
  if (tar === undefined) return refuse(`This is no gzip file, or it holds more than ${kitLimits.unpackedBytes} bytes.`);
  let offset = 0;
  while (offset + blockBytes <= tar.length) {
    const block = tar.subarray(offset, offset + blockBytes);
    offset += blockBytes;
    if (block.every((byte) => byte === 0)) return gatherer.result();
    const entry = entryOf(block);
    if (entry === undefined) return refuse("This is not a tar file of kombify kits pack.");
    if (entry.type !== "0") return refuse(`${JSON.stringify(entry.path)} is not a plain file; links are refused.`);
    if (!gatherer.admit(entry.path, entry.sizeBytes)) return gatherer.result();
    if (offset + entry.sizeBytes > tar.length) break;
    gatherer.add(entry.path, tar.slice(offset, offset + entry.sizeBytes));
    offset += Math.ceil(entry.sizeBytes / blockBytes) * blockBytes;
  }
  return refuse("The archive is cut off.");
};
