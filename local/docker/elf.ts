const elfMagic = 0x7f454c46;
const programInterpreter = 3;

/**
 * Whether this is an ELF program that runs without a dynamic linker: it names none (elf(5), PT_INTERP). False for other
 * kinds of files, and for programs of 32 bits or with the high byte first.
 */
export const isStaticProgram = (content: Buffer): boolean => {
  const isElf64 = content.length > 64 && content.readUInt32BE(0) === elfMagic && content[4] === 2 && content[5] === 1;
  if (!isElf64) return false;
  const start = Number(content.readBigUInt64LE(32));
  const [headerBytes, count] = [content.readUInt16LE(54), content.readUInt16LE(56)];
  if (start + headerBytes * count > content.length) return false;
  return Array.from({ length: count }, (_, index) => content.readUInt32LE(start + headerBytes * index)).every(
    (type) => type !== programInterpreter,
  );
};
