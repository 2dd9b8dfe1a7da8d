import type { Finding } from "./finding.ts";
import { findingOf } from "./rules.ts";

/** Files of a kit by path, with `/` between the parts. */
export type KitFiles = ReadonlyMap<string, Uint8Array>;

export interface ReadFiles {
  readonly files: KitFiles;
  /** Not empty: what was read is not to be trusted. */
  readonly findings: readonly Finding[];
}

export const kitFile = "kit.yaml";
export const composeFile = "docker-compose.yaml";
export const readmeFile = "README.md";
export const iconFile = "icon.svg";
export const requiredFiles = [kitFile, composeFile, readmeFile, iconFile] as const;

/** What a kit may be at most; reading stops there. */
export const kitLimits = {
  archiveBytes: 2_000_000,
  unpackedBytes: 8_000_000,
  fileBytes: 1_000_000,
  entries: 200,
  pathLength: 100,
} as const;

const nested = /\.(tar|tgz|gz|zip|7z|rar|xz|bz2|zst)$/i;

const wrongPath = (path: string): string | undefined => {
  if (path.length === 0 || path.length > kitLimits.pathLength)
    return `A path has 1 to ${kitLimits.pathLength} characters.`;
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "A path must be relative.";
  if (path.split("/").some((part) => part === ".." || part === "." || part === "")) return "A path must not lead away.";
  if (!/^[A-Za-z0-9._/-]+$/.test(path))
    return "A path has letters, digits, dots, hyphens and underscores of ASCII only.";
  return nested.test(path) ? "An archive in a kit is refused." : undefined;
};

const shown = (path: string): string => JSON.stringify(path.slice(0, kitLimits.pathLength));

/** Why this path cannot be added to those before it; undefined when it can. `folded` holds those in lower case. */
const checkPath = (path: string, folded: ReadonlySet<string>): Finding | undefined => {
  const file = path.slice(0, kitLimits.pathLength);
  const reason = wrongPath(path);
  if (reason !== undefined) return findingOf({ rule: "kit/path", reason: `${shown(path)}: ${reason}` }, { file });
  if (!folded.has(path.toLowerCase())) return undefined;
  return findingOf({ rule: "kit/path", reason: `${shown(path)} is there twice, capitals aside.` }, { file });
};

/** Gathers files within the limits. `add` answers false when reading must stop. */
export const makeFileGatherer = () => {
  const files = new Map<string, Uint8Array>();
  const folded = new Set<string>();
  const findings: Finding[] = [];
  let entries = 0;
  let total = 0;
  const refuse = (finding: Finding): false => {
    findings.push(finding);
    return false;
  };
  return {
    /** Before the bytes are read. */
    admit: (path: string, sizeBytes: number): boolean => {
      entries += 1;
      total += sizeBytes;
      const tooLarge = (reason: string) => refuse(findingOf({ rule: "kit/too-large", reason }, { file: kitFile }));
      if (entries > kitLimits.entries) return tooLarge(`A kit has at most ${kitLimits.entries} files.`);
      if (sizeBytes > kitLimits.fileBytes)
        return tooLarge(`${shown(path)} has more than ${kitLimits.fileBytes} bytes.`);
      if (total > kitLimits.unpackedBytes) return tooLarge(`A kit has at most ${kitLimits.unpackedBytes} bytes.`);
      const wrong = checkPath(path, folded);
      if (wrong !== undefined) return refuse(wrong);
      folded.add(path.toLowerCase());
      return true;
    },
    add: (path: string, bytes: Uint8Array): void => void files.set(path, bytes),
    refuse,
    result: (): ReadFiles => ({ files, findings }),
  };
};
