import { fileURLToPath } from "node:url";
import type { KitFiles } from "../../shared/stackkits/kit-files.ts";
import { readKitFolder } from "../../shared/stackkits/read-folder.ts";

const folder = fileURLToPath(new URL("small-site", import.meta.url));

/**
 * A kit of the toolbox image, which is made on this machine of its busybox: image and kit bear busybox's version, for what is
 * published under a version never changes.
 */
export const smallSite = async (busyboxVersion: string): Promise<{ readonly id: string; readonly files: KitFiles }> => {
  const { files, findings } = await readKitFolder(folder);
  if (findings[0] !== undefined) throw new Error(`The kit small-site cannot be read: ${findings[0].reason}`);
  const fill = (bytes: Uint8Array): Uint8Array =>
    Buffer.from(Buffer.from(bytes).toString("utf8").replaceAll("BUSYBOX", busyboxVersion));
  return { id: "small-site", files: new Map([...files].map(([path, bytes]) => [path, fill(bytes)])) };
};
