const blockBytes = 512;

/** Where a field of a header of POSIX.1-1988 (ustar) begins, and how long it is. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 6],
  version: [263, 2],
} as const;

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;

/** The header of a plain file of that many bytes. @throws RangeError for a name of more than 100 bytes */
export const tarHeader = (name: string, bytes: number, modifiedAt: Date): Buffer => {
  if (Buffer.byteLength(name) > fields.name[1]) throw new RangeError(`The name ${name} is too long for a tar header.`);
  const header = Buffer.alloc(blockBytes);
  const put = (field: keyof typeof fields, text: string): void => {
    header.write(text, fields[field][0], fields[field][1], "utf8");
  };
  put("name", name);
  put("mode", octal(0o644, fields.mode[1]));
  put("uid", octal(0, fields.uid[1]));
  put("gid", octal(0, fields.gid[1]));
  put("size", octal(bytes, fields.size[1]));
  put("mtime", octal(Math.floor(modifiedAt.getTime() / 1000), fields.mtime[1]));
  put("type", "0");
  put("magic", "ustar\0");
  put("version", "00");
  // Summed up as if it were spaces itself.
  put("checksum", " ".repeat(fields.checksum[1]));
  const sum = header.reduce((total, byte) => total + byte, 0);
  put("checksum", `${sum.toString(8).padStart(6, "0")}\0 `);
  return header;
};

/** What follows the contents of a file, up to the next block. */
export const tarPadding = (bytes: number): Buffer => Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);

/** The end of an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockBytes);

/** How long an archive of files of these lengths is. */
export const tarLength = (lengths: readonly number[]): number =>
  lengths.reduce((total, bytes) => total + blockBytes + bytes + tarPadding(bytes).length, 0) + tarEnd().length;
