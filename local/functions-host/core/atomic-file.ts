import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/** Writes a file that only its owner may read, whole or not at all. Makes the folder if need be. */
export const writePrivateFile = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
};
