import { readFile } from "node:fs/promises";

/**
 * Reads the key each time, so that one that was changed is taken up. What is no key is never sent: a header made of it could end
 * up in an error's words. @throws Error without the file's contents
 */
export const serviceKeyIn = (file: string) => async (): Promise<string> => {
  const key = (await readFile(file, "utf8")).trim();
  if (/^ksk_[\w-]{1,200}$/.test(key)) return key;
  throw new Error("SERVICE_KEY_FILE does not hold one service key on a line of its own (ksk_...)");
};
