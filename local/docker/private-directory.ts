import { chmod, lstat, mkdir } from "node:fs/promises";

const ownerOnly = 0o700;

/**
 * Makes a directory, or takes one that is there, that only this user can enter. In a directory that all may write to,
 * somebody else may have been there first. @throws Error when it is a link or somebody else's
 */
export const makePrivateDirectory = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: ownerOnly });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${path} is no directory of this user. Remove it, or use another data directory.`);
  }
  await chmod(path, ownerOnly);
};
