import type { Finding } from "./finding.ts";
import type { KitFiles } from "./kit-files.ts";
import { kitLimits } from "./kit-files.ts";
import { lintKit } from "./lint-kit.ts";
import type { PublishedKit } from "./published-kit.ts";
import { publishedKitOf } from "./published-kit.ts";
import { findingOf } from "./rules.ts";
import { sha256Of } from "./sign-archive.ts";
import { writeKitArchive } from "./write-archive.ts";

export interface PackedKit {
  readonly manifest: PublishedKit;
  readonly archive: Uint8Array;
  /** SHA-256 of the archive, 64 hexadecimal digits. */
  readonly sha256: string;
}

export type PackResult = { readonly packed: PackedKit } | { readonly findings: readonly Finding[] };

/** Packs a kit without errors; the same files give the same bytes on every machine. */
export const packKit = (files: KitFiles, folder?: string): PackResult => {
  const { kit, findings } = lintKit(files, folder);
  if (kit === undefined || findings.some(({ severity }) => severity === "error")) return { findings };
  const archive = writeKitArchive(files);
  if (archive.length > kitLimits.archiveBytes) {
    const reason = `An archive has at most ${kitLimits.archiveBytes} bytes.`;
    return { findings: [findingOf({ rule: "kit/too-large", reason }, { file: "" })] };
  }
  return { packed: { manifest: publishedKitOf(kit, files), archive, sha256: sha256Of(archive) } };
};
