/** The release we develop and test against. */
export const pinnedVersion = "0.40.4";

/** Older servers block all writes during a backup and lack rule checks we rely on (docs: PocketBase CHANGELOG v0.40.0). */
const minimumVersion = "0.40.0";

const parts = (version: string): readonly [number, number, number] | undefined => {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
};

/** Negative when `left` is the older version. Only meaningful for versions that `isVersion` accepts. */
export const compareVersions = (left: string, right: string): number => {
  const [a, b] = [parts(left) ?? [0, 0, 0], parts(right) ?? [0, 0, 0]];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
};

export const isVersion = (text: string): boolean => /^\d+\.\d+\.\d+$/.test(text);

export const isRecentEnough = (version: string): boolean => compareVersions(version, minimumVersion) >= 0;

/** @throws Error when the version is known and older than the minimum */
export const requireRecent = (version: string, what: string): void => {
  if (isVersion(version) && !isRecentEnough(version))
    throw new Error(`${what} is PocketBase ${version}, but at least ${minimumVersion} is needed`);
};
