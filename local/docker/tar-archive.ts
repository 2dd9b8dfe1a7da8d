/** One thing in an archive. Paths are relative and without a slash at the end; everything belongs to `owner`, uid and gid. */
export type TarEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number; readonly owner?: number }
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const blockBytes = 512;
const nameBytesMax = 100;
const typeFlags = { directory: "5", file: "0", link: "2" } as const satisfies Record<TarEntry["kind"], string>;

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;

const requireShort = (name: string): string => {
  if (Buffer.byteLength(name) > nameBytesMax) throw new Error(`A tar header has no room for the name ${name}`);
  return name;
};

/** POSIX.1-1988 (ustar): the fields of a header and where they begin. The time is always 1970, so that it says nothing. */
const headerOf = (entry: TarEntry): Buffer => {
  const header = Buffer.alloc(blockBytes);
  const owner = entry.kind === "directory" ? (entry.owner ?? 0) : 0;
  header.write(requireShort(entry.kind === "directory" ? `${entry.path}/` : entry.path), 0);
  header.write(octal(entry.kind === "link" ? 0o777 : entry.mode, 7), 100);
  header.write(octal(owner, 7), 108);
  header.write(octal(owner, 7), 116);
  header.write(octal(entry.kind === "file" ? entry.content.length : 0, 11), 124);
  header.write(octal(0, 11), 136);
  // The checksum counts its own field as spaces.
  header.write(" ".repeat(8), 148);
  header.write(typeFlags[entry.kind], 156);
  header.write(entry.kind === "link" ? requireShort(entry.target) : "", 157);
  header.write("ustar\u000000", 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  return header;
};

const paddingOf = (length: number): Buffer => Buffer.alloc((blockBytes - (length % blockBytes)) % blockBytes);

const byPath = (left: TarEntry, right: TarEntry): number =>
  left.path < right.path ? -1 : left.path > right.path ? 1 : 0;

/**
 * A tar archive that is the same, byte for byte, for the same entries in any order.
 * @throws Error for a path over 100 bytes, or one that comes twice: some readers take the first then, some the last
 */
export const makeTarArchive = (entries: readonly TarEntry[]): Buffer => {
  const twice = entries.find(({ path }, index) => entries.findIndex((other) => other.path === path) !== index);
  if (twice !== undefined) throw new Error(`A tar archive cannot have ${twice.path} twice`);
  const blocks = [...entries].sort(byPath).flatMap((entry) => {
    const content = entry.kind === "file" ? entry.content : new Uint8Array();
    return [headerOf(entry), content, paddingOf(content.length)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
};
