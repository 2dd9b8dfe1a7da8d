import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writePrivateFile } from "../core/atomic-file.ts";

const NamedKeys = z.record(z.string(), z.string().min(1));

const KeySet = z.object({
  master: z.string().min(1),
  /** Valid for every function of level "function". */
  functionKeys: NamedKeys,
  /** By extension, e.g. `durabletask_extension`. */
  systemKeys: NamedKeys,
  /** By function name, then by key name. */
  keysOfFunctions: z.record(z.string(), NamedKeys),
});

/** All keys of one host. Secrets: never log them. */
export type KeySet = z.infer<typeof KeySet>;

export interface PresetKeys {
  readonly master?: string | undefined;
  readonly functionKeys?: Readonly<Record<string, string>> | undefined;
  readonly keysOfFunctions?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
}

export const durableSystemKeyName = "durabletask_extension";

const newKey = (): string => randomBytes(40).toString("base64url");

const parseKeySet = (text: string): KeySet | undefined => {
  try {
    return KeySet.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const readKeyFile = async (file: string): Promise<KeySet | undefined> => {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  // A parse error may quote the file, which holds secrets: it is not passed on.
  const keys = parseKeySet(text);
  if (keys === undefined) throw new Error(`The key file ${file} is damaged; remove it to have new keys made.`);
  return keys;
};

/**
 * Reads the host's keys, makes those that are missing, lets preset ones win, and writes the result back with mode 0600
 * in one step. @throws when the file is damaged
 */
export const loadKeys = async (file: string, preset: PresetKeys = {}): Promise<KeySet> => {
  const stored = await readKeyFile(file);
  const keys: KeySet = {
    master: preset.master ?? stored?.master ?? newKey(),
    functionKeys: { ...(stored?.functionKeys ?? { default: newKey() }), ...preset.functionKeys },
    systemKeys: stored?.systemKeys ?? { [durableSystemKeyName]: newKey() },
    keysOfFunctions: { ...stored?.keysOfFunctions, ...preset.keysOfFunctions },
  };
  await writePrivateFile(file, `${JSON.stringify(keys, undefined, 2)}\n`);
  return keys;
};
