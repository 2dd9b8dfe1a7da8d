import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Names the host that owns this data directory, on every start the same: tells its things in the engine from others'. */
export const readHostId = (directory: string): string => {
  const file = join(directory, "host-id");
  try {
    // Linked when it is whole: a host that is killed here leaves no half of an id.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, randomBytes(6).toString("hex"), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } finally {
      rmSync(draft);
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const id = readFileSync(file, "utf8").trim();
  if (/^[0-9a-f]{12}$/.test(id)) return id;
  throw new Error(`${file} does not hold the id of a host. Restore it: without it, what runs would be nobody's.`);
};
