import { gzipSync } from "fflate";
import type { KitFiles } from "./kit-files.ts";

const blockBytes = 512;

const headerOf = (path: string, sizeBytes: number): Buffer => {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, start: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, start, "latin1");
  };
  header.write(path, 0, 100, "latin1");
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(sizeBytes, 124, 12);
  octal(0, 136, 12);
  header.write("        0", 148, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
};

/**
 * The files as tar.gz: sorted, without times, owners or the name of a system, compressed by a library whose output does
 * not depend on the machine. The same files give the same bytes.
 */
export const writeKitArchive = (files: KitFiles): Uint8Array => {
  const parts: Uint8Array[] = [];
  for (const [path, bytes] of [...files].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const padding = (blockBytes - (bytes.length % blockBytes)) % blockBytes;
    parts.push(headerOf(path, bytes.length), bytes, Buffer.alloc(padding));
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]), { level: 9, mtime: 0 });
};
