import { inflateRawSync } from "node:zlib";

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;

const endOfCentralDirectory = (zip: Buffer): number => {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at -= 1)
    if (zip.readUInt32LE(at) === endSignature) return at;
  throw new Error("not a zip file");
};

const inflate = (bytes: Buffer, method: number): Buffer => {
  if (method === 0) return bytes;
  if (method === 8) return inflateRawSync(bytes);
  throw new Error(`zip compression method ${method} is not supported`);
};

/** The bytes of one file in a zip archive (stored or deflated, not ZIP64: APPNOTE.TXT 4.3). @throws Error when it is not there */
export const readZipEntry = (zip: Buffer, name: string): Buffer => {
  const end = endOfCentralDirectory(zip);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== centralSignature) throw new Error("the zip file's directory is damaged");
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      const header = zip.readUInt32LE(at + 42);
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      return inflate(zip.subarray(start, start + zip.readUInt32LE(at + 20)), zip.readUInt16LE(at + 10));
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`the zip file has no ${name}`);
};
